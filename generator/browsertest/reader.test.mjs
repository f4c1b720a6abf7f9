// What readers do: with the keyboard alone, without scripts, with larger letters, on a given day.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { READER, ROOT, browser, build, specimens, watch } from './site.mjs';

const { sites, close } = await build('sample', 'full', 'bare');
const { sample, full, bare } = sites;
let chromium;

before(async () => {
  chromium = await browser();
  await sample.serve();
  await full.serve();
  await bare.serve();
});
after(async () => {
  await chromium?.close();
  await close();
});

test('random runs of the sample archive are answered exactly', async (t) => {
  // The questions and answers are those of the Go test, which finds the answers by looking through all texts.
  const dir = mkdtempSync(join(tmpdir(), 'gongzhi-answers-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'answers.json');
  execFileSync('go', ['test', '-vet=off', './generator/render', '-run', 'TestSearchSampleExactly', '-count=1', '-args', '-answers', file], { cwd: ROOT, encoding: 'utf8', env: { ...process.env, GONGZHI_RUNS: '300' } });
  const queries = JSON.parse(readFileSync(file, 'utf8'));
  assert.ok(queries.length > 250);
  const tab = await open(t, sample, 'search/');
  const wrong = await tab.evaluate(async (queries) => {
    const { search } = await import('/search/search.js'), wrong = [];
    for (const { q, urls } of queries) {
      const r = await search(q, { limit: 50, passages: false }), right = new Set(urls);
      const found = new Set(r.hits.map((h) => decodeURI(h.url)));
      if (r.total !== urls.length || found.size !== Math.min(50, urls.length) || [...found].some((u) => !right.has(u))) wrong.push(`${q}: ${r.total} of ${urls.length}`);
    }
    return wrong;
  }, queries);
  assert.deepEqual(wrong, []);
});

/** A tab of a new reader, closed after the test; at its end nothing may have gone wrong in it. */
async function open(t, site, path, options = {}) {
  const faults = [];
  const context = await chromium.newContext({ ...READER, ...options });
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  const tab = await context.newPage();
  watch(tab, site, faults);
  if (options.today) await tab.clock.setFixedTime(new Date(options.today));
  await tab.goto(site.url(path));
  return Object.assign(tab, { faults });
}

const PHONE = { viewport: { width: 390, height: 844 } };
const NO_SCRIPT = { javaScriptEnabled: false };

describe('with the keyboard alone', () => {
  const longest = (site, group) => specimens(site).find((page) => page.group === group).address;
  const visits = [
    [sample, '', {}], [sample, '', PHONE], [sample, longest(sample, 'record of people'), {}],
    [sample, 'search/', {}], [sample, longest(sample, 'series, one of them'), PHONE], [full, longest(full, 'record of reports'), {}],
    [full, longest(full, 'record of reports'), PHONE], [full, longest(full, 'list of statistics'), PHONE], [full, '404.html', {}],
  ];
  for (const [site, path, options] of visits) {
    test(`everything can be reached and is seen to be: ${site.base}${path}${options === PHONE ? ', on a phone' : ''}`, async (t) => {
      const tab = await open(t, site, path, options);
      await tab.waitForLoadState('networkidle'); // what scripts add is there
      const expected = await tab.evaluate(() => {
        // What looks reached says so itself, before and after: outline, underline, shadow, ground.
        const look = (el) => {
          const s = getComputedStyle(el);
          return [s.outlineStyle === 'none' ? '' : `${s.outlineStyle} ${s.outlineWidth} ${s.outlineColor}`, s.boxShadow, s.textDecorationLine, s.backgroundColor].join(';');
        };
        const can = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
          .filter((el) => el.tabIndex >= 0 && !el.disabled && el.checkVisibility({ visibilityProperty: true }));
        const before = new Map(can.map((el) => [el, look(el)]));
        const name = (el) => `${can.indexOf(el)} ${el.outerHTML.slice(0, 80)}`;
        window.reached = [];
        window.unseen = [];
        document.addEventListener('focusin', ({ target }) => {
          window.reached.push(can.indexOf(target));
          const { width, height, left, right, top, bottom } = target.getBoundingClientRect();
          if (look(target) === before.get(target)) window.unseen.push(`looks the same: ${name(target)}`);
          if (width < 1 || height < 1 || right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) window.unseen.push(`off the screen: ${name(target)}`);
        });
        return can.map((el) => el.className === 'skip' ? 'skip' : name(el));
      });
      assert.equal(expected[0], 'skip', 'the way past the navigation comes first');
      for (const what of [/type="search"/, site === sample ? /\/people\// : /\/gz\/people\//]) assert.ok(expected.some((el) => what.test(el)));
      for (let i = 0; i < expected.length; i++) await tab.keyboard.press('Tab');
      assert.deepEqual(await tab.evaluate(() => window.reached), expected.map((_, i) => i), `in their order: ${expected.join('\n')}`);
      assert.deepEqual(await tab.evaluate(() => window.unseen), []);
      // One more leaves the page, and nothing holds who goes back.
      await tab.keyboard.press('Tab');
      assert.notEqual(await tab.evaluate(() => window.reached.at(-1)), undefined);
      assert.ok(await tab.evaluate((last) => document.activeElement === document.body || window.reached.at(-1) !== last, expected.length - 1), 'held at the end of the page');
      await tab.evaluate(() => { window.reached.length = 0; });
      for (let i = 0; i < 4; i++) await tab.keyboard.press('Shift+Tab');
      assert.equal(new Set(await tab.evaluate(() => window.reached)).size, await tab.evaluate(() => window.reached.length), 'held on the way back');
    });
  }

  test('the skip link leads past the navigation', async (t) => {
    const tab = await open(t, sample, longest(sample, 'record of people'));
    await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    assert.equal(await tab.evaluate(() => document.activeElement.tagName), 'MAIN');
    await tab.keyboard.press('Tab');
    assert.ok(await tab.evaluate(() => document.querySelector('main').contains(document.activeElement)));
  });

  test('on a phone the contents open, lead on and close', async (t) => {
    const tab = await open(t, sample, '', PHONE);
    await tab.locator('.to-index').focus();
    await tab.keyboard.press('Enter');
    await tab.keyboard.press('Tab');
    assert.ok(await tab.evaluate(() => document.querySelector('#_index').contains(document.activeElement)));
    await tab.getByRole('link', { name: '关闭目录' }).press('Enter');
    assert.ok(await tab.getByRole('link', { name: '关闭目录' }).isHidden());
    await tab.locator('.to-index').press('Enter');
    await tab.locator('#_index a[href="/people/"]').press('Enter');
    await tab.waitForURL('**/people/');
  });

  test('a slash goes to the search box, and is a slash in it', async (t) => {
    const tab = await open(t, sample, '');
    await tab.keyboard.press('/');
    assert.equal(await tab.evaluate(() => document.activeElement.name), 'q');
    await tab.keyboard.type('1/2');
    assert.equal(await tab.evaluate(() => document.activeElement.value), '1/2');
    await tab.goto(sample.url('search/'));
    await tab.locator('h1').click();
    await tab.keyboard.press('/');
    assert.ok(await tab.evaluate(() => document.activeElement.matches('main input[type=search]')));
  });
});

describe('without scripts', () => {
  for (const site of [sample, full]) {
    test(`every kind of page of ${site.name} shows what it shows with them`, async (t) => {
      const [plain, scripted] = await Promise.all([open(t, site, '', NO_SCRIPT), open(t, site, '')]);
      const text = () => {
        document.querySelectorAll('main button.copy, main .zoomers').forEach((b) => b.remove()); // which only a script can make work
        return document.querySelector('main').innerText.replace(/\s+/g, ' ').trim();
      };
      const seen = {};
      for (const page of specimens(site).filter(({ kind }) => !['redirect', 'home', 'search'].includes(kind))) {
        seen[page.kind] = (seen[page.kind] ?? 0) + 1;
        if (seen[page.kind] > 4 && !process.env.GONGZHI_RUNS) continue; // of lists and records the first four groups
        await Promise.all([plain.goto(page.url), scripted.goto(page.url)]);
        const shown = await plain.evaluate(text);
        assert.ok(shown.length > 20, page.name);
        assert.equal(shown, await scripted.evaluate(text), page.name);
      }
    });
  }

  test('the front page is whole, and its navigation works', async (t) => {
    const tab = await open(t, sample, '', NO_SCRIPT);
    assert.match(await tab.locator('#on-this-day').innerText(), /按月日查大事/);
    await tab.locator('header nav a[href="/people/"]').click();
    await tab.waitForURL('**/people/');
    await tab.locator('main .people a').first().click();
    await tab.waitForURL(/\/people\/[^/]+\/$/);
    assert.ok(await tab.locator('article h1').isVisible());
    await tab.locator('.crumbs a').first().click();
    await tab.waitForURL(sample.url(''));
  });

  test('on a phone the contents open by a link', async (t) => {
    const tab = await open(t, full, 'reports/bare/', { ...PHONE, ...NO_SCRIPT });
    await tab.locator('.to-index').click();
    await tab.locator('#_index a[href="/gz/people/"]').click();
    await tab.waitForURL('**/gz/people/');
  });

  test('who searches is told why not, and where else to look', async (t) => {
    const tab = await open(t, sample, '', NO_SCRIPT);
    await tab.locator('header input[name=q]').fill('孟泰');
    await tab.locator('header input[name=q]').press('Enter');
    await tab.waitForURL((url) => url.pathname === '/search/' && url.searchParams.get('q') === '孟泰');
    const said = tab.locator('main noscript p');
    assert.ok(await said.isVisible());
    assert.match(await said.innerText(), /脚本/);
    await tab.locator('main a[href="/names/"]').click();
    await tab.waitForURL('**/names/');
    await tab.locator('main a', { hasText: '孟泰' }).first().click();
    await tab.waitForURL('**/people/meng-tai/');
  });
});

for (const [site, words, path] of [[sample, '孟泰', 'people/meng-tai/'], [full, '所有写法', 'reports/2001/full/']]) {
  test(`a search from the front page of ${site.name} leads to the record that says so`, async (t) => {
    const tab = await open(t, site, '');
    await tab.locator('header input[name=q]').fill(words);
    await tab.locator('header input[name=q]').press('Enter');
    await tab.waitForURL((url) => url.pathname === `${site.base}search/` && url.searchParams.get('q') === words);
    await tab.locator(`main a[href*="${site.base}${path}"]`).first().click();
    await tab.waitForURL((url) => url.pathname === site.base + path);
    assert.ok((await tab.locator('main').innerText()).replace(/\s/g, '').includes(words));
  });
}

test('the size of the letters is the reader’s, on every page and after coming back', async (t) => {
  const tab = await open(t, sample, '');
  const size = () => tab.evaluate(() => parseFloat(getComputedStyle(document.querySelector('main h2, main h1')).fontSize));
  const pressed = () => tab.locator('.tools button[aria-pressed=true]').innerText();
  const usual = await size();
  assert.equal(await pressed(), '中');
  await tab.getByRole('button', { name: '字号大' }).click();
  const large = await size();
  assert.ok(large > usual * 1.1, `${large} and ${usual}`);
  await tab.reload();
  assert.equal(await size(), large);
  assert.equal(await pressed(), '大');
  await tab.locator('header nav a[href="/people/"]').click();
  await tab.waitForURL('**/people/');
  assert.equal(await pressed(), '大');
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.size), 'l');
  await tab.getByRole('button', { name: '字号小' }).click();
  await tab.goto(sample.url(''));
  assert.ok(await size() < usual);
  await tab.getByRole('button', { name: '字号中' }).click();
  await tab.reload();
  assert.equal(await size(), usual);
});

describe('历史上的今天', () => {
  /** What the front page shows once its script has read the page of days: its heading and entries. */
  const nearHeading = async (tab) => {
    const heading = tab.locator('#on-this-day h2', { hasText: /历史上的(今天|近日)/ });
    await heading.waitFor();
    return heading.innerText();
  };
  const shown = async (tab) => {
    const section = tab.locator('#on-this-day');
    await nearHeading(tab);
    return { heading: await section.locator('h2').innerText(), entries: await section.locator('.annals li a').allInnerTexts() };
  };

  test('a day with something: that day, and a way to its records', async (t) => {
    const tab = await open(t, full, '', { today: '2026-05-01T08:00:00+08:00' });
    const { heading, entries } = await shown(tab);
    assert.match(heading, /^历史上的今天\s*5月1日$/);
    assert.ok(entries.some((text) => text.includes('第一次测试大会')), `${entries}`);
    await tab.locator('#on-this-day .annals a', { hasText: '第一次测试大会' }).click();
    await tab.waitForURL('**/gz/events/e1/');
  });

  test('it is the reader’s day, not that of Greenwich', async (t) => {
    const tab = await open(t, full, '', { today: '2026-05-01T00:30:00+08:00' });
    assert.match((await shown(tab)).heading, /今天\s*5月1日/);
  });

  test('a day with nothing: the next one, said to be near and not today', async (t) => {
    for (const today of ['2026-04-15T12:00:00+08:00', '2026-04-30T23:59:00+08:00']) {
      const tab = await open(t, full, '', { today });
      const { heading, entries } = await shown(tab);
      assert.match(heading, /近日\s*5月1日/);
      assert.doesNotMatch(heading, /今天/);
      assert.ok(entries.length > 0);
    }
  });

  test('nothing near: the nearest day all the same, and that today has none', async (t) => {
    const tab = await open(t, full, '', { today: '2026-07-01T12:00:00+08:00' });
    const { heading, entries } = await shown(tab);
    assert.match(heading, /近日\s*5月1日/);
    assert.ok(entries.length > 0);
    assert.match(await tab.locator('#on-this-day').innerText(), /今天（7月1日）没有记载/);
    assert.ok(await tab.locator('#on-this-day > p a').isVisible());
  });

  test('every day has something, and it is the nearest there is', async (t) => {
    const ids = full.pages.filter(({ path }) => /^days\/\d\d\/index\.html$/.test(path)).flatMap(({ html }) => [...html.matchAll(/id="d(\d\d)(\d\d)"/g)].map((m) => [Number(m[1]), Number(m[2])]));
    const number = ([m, d]) => Date.UTC(2024, m - 1, d) / 864e5;
    for (const day of [[1, 1], [2, 29], [3, 20], [8, 31], [9, 15], [12, 31]]) {
      const tab = await open(t, full, '', { today: `2028-${String(day[0]).padStart(2, '0')}-${String(day[1]).padStart(2, '0')}T12:00:00+08:00` });
      const heading = await nearHeading(tab);
      const [, m, d] = /(\d+)月(\d+)日/.exec(heading);
      const far = (x) => Math.min((number(x) - number(day) + 366) % 366, (number(day) - number(x) + 366) % 366);
      assert.equal(far([Number(m), Number(d)]), Math.min(...ids.map(far)), `${day}: ${heading}`);
    }
  });

  test('without a script: a day that has something, and whose it is', async (t) => {
    const tab = await open(t, full, '', NO_SCRIPT);
    assert.match(await tab.locator('#on-this-day h2').innerText(), /^历史上的\d+月\d+日$/);
    assert.ok(await tab.locator('#on-this-day .annals li').count() > 0);
  });

  test('one of the people a day: the same one all day, another one tomorrow', async (t) => {
    const who = async (today) => {
      const tab = await open(t, sample, '', { today });
      await tab.locator('#one-a-day h2', { hasText: '今日' }).waitFor();
      const link = tab.locator('#one-a-day a.name');
      const name = await link.innerText();
      await link.click();
      assert.equal(await tab.locator('article h1').innerText(), name);
      return name;
    };
    const day = await who('2026-05-01T00:10:00+08:00');
    assert.equal(await who('2026-05-01T23:50:00+08:00'), day);
    assert.notEqual(await who('2026-05-02T12:00:00+08:00'), day);
  });

  test('at the turn of the year the next day is in the next one', async (t) => {
    const tab = await open(t, full, '', { today: '2026-12-31T12:00:00+08:00' });
    assert.match((await shown(tab)).heading, /近日\s*1月3日/);
  });

  test('the sample archive has its days', async (t) => {
    const day = sample.pages.filter(({ path }) => /^days\/\d\d\/index\.html$/.test(path)).flatMap(({ html }) => [...html.matchAll(/id="d(\d\d)(\d\d)"/g)])[0];
    const tab = await open(t, sample, '', { today: `2026-${day[1]}-${day[2]}T12:00:00+08:00` });
    const { heading, entries } = await shown(tab);
    assert.match(heading, /历史上的今天\s*\d+月\d+日/);
    assert.ok(entries.length > 0);
  });
});

test('old addresses lead to where the record is now', async (t) => {
  for (const old of ['old/1.html', encodeURI('旧/路径/')]) {
    const tab = await open(t, full, old);
    await tab.waitForURL('**/gz/reports/2001/full/');
    assert.equal(await tab.locator('article h1').count(), 1);
    const plain = await open(t, full, old, NO_SCRIPT);
    await plain.waitForURL('**/gz/reports/2001/full/');
  }
});

test('what is not there says so, at any depth, with a way on', async (t) => {
  const tab = await open(t, full, '');
  for (const path of ['no', 'people/no/', 'a/b/c/d']) {
    assert.equal((await tab.goto(full.url(path))).status(), 404);
    assert.match(await tab.locator('main').innerText(), /没有这一页/);
    assert.notEqual(await tab.evaluate(() => getComputedStyle(document.body).maxWidth), 'none', 'styled');
  }
  // The browser remarks on the answer 404 itself; nothing else may fail.
  tab.faults.splice(0, Infinity, ...tab.faults.filter((fault) => !/status of 404.*\((?:[^)]*)(no|people\/no\/|a\/b\/c\/d)\)/.test(fault)));
  await tab.locator('main a', { hasText: '首页' }).click();
  await tab.waitForURL(full.url(''));
});

describe('what readers come for, on a phone, within three steps', () => {
  // A step is a search typed (its words) or a link of that name pressed (after ›); then the page must say all of this.
  const tasks = [
    ['孟泰', '›孟泰', /全国劳动模范[^]*1950年[^]*中央人民政府/],
    ['›荣誉名册', '›全国劳动模范', '›全国先进生产者', /1959年/],
    ['南昌爱心驿站', /爱心驿站（南昌）[^]*29家/],
    ['三师一室是什么', /律师、劳动关系协调师、健康工程师/],
    ['1978年发生了什么', '›1978年的大事', /1978年[^]*全国科学大会/],
    ['›分类浏览', '›铁路', /窦铁成/],
    ['›统计', '›组织建设', /162万[^]*871万人/],
    ['孟太', '›孟泰', /鞍山钢铁公司/],
    ['勞動模範', /全国劳动模范/],
    ['mengtai', '›孟泰', /鞍山钢铁公司/],
    ['王进喜', '›王进喜', /引用本页[^]*EB\/OL[^]*BibTeX[^]*RIS/],
    ['江西籍劳模', '›饶剑明', /江西/],
    ['铁路职工', '›窦铁成', /中铁一局/],
    ['›统计', '›组织建设', /871万人[^]*出处[^]*江西工会/],
    ['›图片', /待征集/],
  ];
  test('each is answered', async (t) => {
    const tab = await open(t, sample, '', PHONE);
    for (const task of tasks) {
      await tab.goto(sample.url(''));
      const wanted = task.at(-1), steps = task.slice(0, -1);
      assert.ok(steps.length <= 3);
      for (const step of steps) {
        if (step.startsWith('›')) {
          const from = tab.url();
          await tab.locator('main a, header nav a').filter({ hasText: new RegExp(`^\\s*${step.slice(1)}`), visible: true }).first().click();
          await tab.waitForURL((url) => url.href !== from);
        } else {
          await tab.locator('header input[name=q]').fill(step);
          await tab.locator('header input[name=q]').press('Enter');
          await tab.locator('.s-hit, .s-year').first().waitFor();
        }
      }
      assert.match(await tab.locator('main').innerText(), wanted, `${steps}`);
    }
  });

  test('who mistypes an address is shown what is called like it', async (t) => {
    const tab = await open(t, sample, 'people/mengtai/', PHONE);
    await tab.locator('[data-s-missing] a', { hasText: '孟泰' }).click();
    await tab.waitForURL('**/people/meng-tai/');
    tab.faults.splice(0, Infinity, ...tab.faults.filter((fault) => !/status of 404.*people\/mengtai/.test(fault)));
  });
});

test('an empty site.yaml and one report are a site: nothing empty shows, and the report is found', async (t) => {
  const tab = await open(t, bare, '');
  assert.equal(await tab.locator('h1').innerText(), '工志');
  assert.deepEqual(await tab.locator('header nav a').allInnerTexts(), ['分类浏览', '报道']);
  assert.equal(await tab.locator('#on-this-day').count(), 0);
  await tab.locator('main a', { hasText: '第一篇' }).first().click();
  await tab.waitForURL('**/reports/a/');
  assert.match(await tab.locator('main').innerText(), /第一篇[^]*正文一句话。/);
  await tab.goto(bare.url('search/?q=正文一句'));
  await tab.locator('main a[href*="/reports/a/"]').first().waitFor();
});
