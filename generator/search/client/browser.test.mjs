// The search as a reader meets it, in Chromium, below a base path and under the site's content security policy. Needs `npm ci`, Go, and Chromium at
// Chromium (see browsertest/chromium.mjs); without them it fails.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser as launch } from '../../browsertest/chromium.mjs';

const here = path.dirname(fileURLToPath(import.meta.url)), root = path.resolve(here, '../../..');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.json': 'application/json' };
let out, server, browser, page, base, problems;
// What the server does: which publish it serves, and how it answers a path.
const site = { publish: 'a', answer: undefined, requests: [] };

before(async () => {
  out = mkdtempSync(path.join(tmpdir(), 'gongzhi-search-'));
  execFileSync('go', ['run', './generator/search/internal/fixture', out], { cwd: root, stdio: 'inherit' });
  server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    site.requests.push(pathname);
    response.setHeader('content-security-policy', "default-src 'self'; object-src 'none'; base-uri 'none'");
    const special = await site.answer?.(pathname);
    if (special) { response.statusCode = special.status ?? 200; response.end(special.body); return; }
    try {
      if (!pathname.startsWith('/sub/')) throw new Error('outside');
      let file = path.join(out, site.publish, decodeURIComponent(pathname.slice(4)));
      if (file.endsWith('/')) file += 'index.html';
      response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
      response.end(readFileSync(file));
    } catch { response.statusCode = 404; response.end(); }
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${server.address().port}/sub`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  if (out) rmSync(out, { recursive: true, force: true });
});

beforeEach(async () => {
  await page?.context().close();
  Object.assign(site, { publish: 'a', answer: undefined, requests: [] });
  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(10000);
  problems = [];
  page.on('pageerror', error => problems.push(error.message));
  page.on('console', m => { if (/Content Security Policy/.test(m.text())) problems.push(m.text()); });
});

const results = () => page.locator('.s-results:not(.s-related) .s-hit .s-title').allTextContents();
const status = () => page.locator('[data-s-status]');
const box = () => page.locator('[data-s-form] input[name=q]');
async function said(pattern) { await page.waitForFunction(p => new RegExp(p).test(document.querySelector('[data-s-status]')?.textContent), pattern); }
async function openSearch(query = '') { await page.goto(`${base}/search/${query}`); }

test('1,000 random runs are answered exactly', async () => {
  await page.goto(base + '/');
  const queries = JSON.parse(readFileSync(path.join(out, 'queries.json')));
  const wrong = await page.evaluate(async queries => {
    const { search } = await import('/sub/search/search.js'), wrong = [];
    for (const { q, urls } of queries) {
      const got = [];
      let total;
      do { const r = await search(q, { offset: got.length, limit: 200 }); total = r.total; if (!r.hits.length) break; got.push(...r.hits.map(h => h.url.replace('/sub/', '/'))); } while (got.length < total);
      if (total !== urls.length || [...got].sort().join() !== [...urls].sort().join()) wrong.push(`${q}: ${total} of ${urls.length}`);
    }
    return wrong;
  }, queries);
  assert.deepEqual(wrong, []);
  assert.deepEqual(problems, []);
});

test('a name outranks a mention, and its passage is read from its page', async () => {
  await page.goto(base + '/');
  const r = await page.evaluate(async () => (await import('/sub/search/search.js')).search('节俭'));
  assert.equal(r.total, 1);
  assert.match(r.hits[0].excerpt, /张测试一生<mark>节俭<\/mark>/);
  assert.equal(r.hits[0].url, '/sub/people/zhang/');
  const pinyin = await page.evaluate(async () => Promise.all(['zhangceshi', 'zcs', 'shan ce', 'dan'].map(async q => (await (await import('/sub/search/search.js')).search(q)).hits.map(h => h.title).join())));
  assert.deepEqual(pinyin, ['张测试', '张测试', '单测试', '']);
});

test('traditional and simplified find each other, and the mark is where the text is', async () => {
  await page.goto(base + '/');
  const r = await page.evaluate(async () => { const { search } = await import('/sub/search/search.js'); return [await search('先进生产者'), await search('先進生產者'), await search('劳动模范大会')]; });
  for (const one of r.slice(0, 2)) assert.match(one.hits[0].excerpt, /<mark>先進生產者<\/mark>/);
  assert.equal(r[2].total, 1);
});

test('typing shows results; the URL has the query; back and forward restore it', async () => {
  await openSearch();
  await box().pressSequentially('节俭', { delay: 20 });
  await said('找到 1 条结果');
  assert.deepEqual(await results(), ['张测试']);
  assert.match(page.url(), /\?q=%E8%8A%82%E4%BF%AD$/);
  const places = await page.evaluate(() => history.length);
  await box().press('Enter');
  await box().fill('会');
  await page.waitForURL(/\?q=%E4%BC%9A$/); // somebody types slowly: what is found on the way is no place to come back to
  await box().fill('会员人数');
  await page.waitForFunction(() => document.querySelector('.s-title')?.textContent === '会员人数');
  await box().press('Enter');
  assert.equal(await page.evaluate(() => history.length), places + 1);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('.s-title')?.textContent === '张测试');
  assert.equal(await box().inputValue(), '节俭');
  await page.goForward();
  await page.waitForFunction(() => document.querySelector('.s-title')?.textContent === '会员人数');
  assert.equal(await box().inputValue(), '会员人数');
  assert.deepEqual(problems, []);
});

test('what is typed before the program has come is searched then', async () => {
  let come;
  const waits = new Promise(resolve => { come = resolve; });
  site.answer = async p => { if (p.endsWith('/search/ui.js')) await waits; };
  await page.goto(`${base}/search/`, { waitUntil: 'commit' });
  await box().pressSequentially('节俭');
  come();
  await said('找到 1 条结果');
  assert.equal(await box().inputValue(), '节俭');
  assert.match(page.url(), /\?q=%E8%8A%82%E4%BF%AD$/);
  assert.deepEqual(problems, []);
});

test('nothing is searched in the middle of a composition', async () => {
  await openSearch();
  await box().focus();
  const client = await page.context().newCDPSession(page);
  for (const text of ['j', 'ji', 'jie', 'jiejian']) {
    await client.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await page.waitForTimeout(250);
  }
  assert.equal(await page.locator('.s-hit').count(), 0);
  assert.doesNotMatch(page.url(), /q=/);
  await client.send('Input.insertText', { text: '节俭' });
  await said('找到 1 条结果');
  assert.match(page.url(), /q=%E8%8A%82%E4%BF%AD$/);
});

test('an earlier, slower answer never replaces a later one, and results stay until the next are there', async () => {
  await openSearch('?q=工会');
  await said('找到');
  const before = await results();
  // Whatever 节俭 needs is slow; 会员人数 is typed before it arrives.
  let release;
  const gate = new Promise(resolve => { release = resolve; });
  let held = 0;
  site.answer = async pathname => { if (pathname.endsWith('.bin') && held < 2) { held++; await gate; } };
  await box().fill('节俭');
  await said('正在搜索…');
  assert.deepEqual(await results(), before);
  assert.equal(await page.locator('[data-s-page]').getAttribute('aria-busy'), 'true');
  await box().fill('会员人数');
  await page.waitForTimeout(300);
  release();
  await page.waitForFunction(() => document.querySelector('.s-title')?.textContent === '会员人数');
  await page.waitForTimeout(300);
  assert.deepEqual(await results(), ['会员人数']);
  assert.deepEqual(problems, []);
});

test('an index replaced between two queries', async () => {
  await openSearch('?q=节俭');
  await said('找到 1 条结果');
  site.publish = 'b';
  await box().fill('第二次发布');
  await said('找到 1 条结果');
  await page.waitForFunction(() => document.querySelector('.s-title')?.textContent === '测试后来');
  await box().fill('houlai');
  await page.waitForFunction(() => document.querySelector('.s-title')?.textContent === '测试后来');
  assert.deepEqual(problems, []);
});

for (const [name, answer, text] of [
  ['is missing', () => ({ status: 404 }), '搜索数据不完整'],
  ['arrives damaged', () => ({ body: Buffer.from('half of it') }), '搜索数据不完整'],
  ['arrives empty', () => ({ body: '' }), '搜索数据不完整'],
  ['can not be had', () => ({ status: 503 }), '连不上'],
]) {
  test(`a shard that ${name}: a clear message, and trying again works`, async () => {
    site.answer = pathname => (pathname.endsWith('.bin') ? answer() : undefined);
    await openSearch('?q=节俭');
    await said(text);
    assert.equal(site.requests.filter(p => p.endsWith('index.json')).length, 2, 'the root is read again once');
    site.answer = undefined;
    await page.locator('.s-retry').click();
    await said('找到 1 条结果');
    assert.equal(await page.locator('.s-error').count(), 0);
    assert.deepEqual(problems, []);
  });
}

test('hostile text in titles, bodies and the query is inert', async () => {
  await openSearch('?q=' + encodeURIComponent('恶意'));
  await said('找到 1 条结果');
  assert.deepEqual(await results(), ['<img src=x onerror="window.pwned=1">']);
  assert.equal(await page.locator('.s-hit img, .s-hit script, .s-hit svg').count(), 0);
  await openSearch('?q=' + encodeURIComponent('<img src=x onerror=window.pwned=1>'));
  await said('.');
  await openSearch('?q=' + encodeURIComponent('"><script>window.pwned=1</script>没有的字'));
  await said('没有找到');
  assert.equal(await page.locator('main img, main script').count(), 0);
  await page.goto(`${base}/reports/evil/?s=${encodeURIComponent('恶意 <img src=x onerror=window.pwned=1>')}`);
  await page.locator('.s-bar').waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.deepEqual(problems, []);
});

test('a result opens its page at the passage, across inline markup; the marks can be cleared', async () => {
  await openSearch('?q=阶级是领导阶级');
  await said('找到 1 条结果');
  await page.locator('.s-link').first().click();
  await page.locator('.s-bar').waitFor();
  const html = () => page.locator('main').innerHTML();
  assert.equal(await page.locator('mark.s-hit-mark').count(), 4);
  assert.equal((await page.locator('mark.s-hit-mark').allTextContents()).join(''), '阶级是领导阶级');
  await page.locator('.s-bar button', { hasText: '清除标记' }).click();
  assert.equal(await page.locator('mark').count(), 0);
  assert.match(await html(), /工人<strong>阶级<em>是<\/em><\/strong>领导<a href="\/sub\/">阶级<\/a>。/);
  assert.doesNotMatch(page.url(), /s=/);
  await page.goto(`${base}/reports/trad/?s=${encodeURIComponent('劳动模范')}`);
  await page.locator('.s-bar').waitFor();
  assert.equal(await page.locator('mark.s-hit-mark').first().textContent(), '勞動模範');
  await page.goto(`${base}/people/zhang/?s=${encodeURIComponent('节俭')}`);
  await page.locator('.s-bar').waitFor();
  assert.ok(await page.evaluate(() => { const r = document.querySelector('.s-current').getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }), 'scrolled to the mark');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('mark').count(), 0);
  assert.deepEqual(problems, []);
});

test('a record without a page of its own opens at its row', async () => {
  await openSearch('?q=会员人数');
  await said('找到 1 条结果');
  assert.match(await page.locator('.s-link').first().getAttribute('href'), /\/sub\/statistics\/\?s=[^#]+#s2$/);
  await page.locator('.s-link').first().click();
  await page.locator('#s2 mark').waitFor();
});

test('keyboard: / focuses, arrows walk, Enter opens, Esc clears', async () => {
  await openSearch('?q=测试');
  await said('找到 2 条结果');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
  assert.equal(await box().inputValue(), '测试');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const second = (await results())[1];
  assert.equal(await page.evaluate(() => document.activeElement.querySelector('.s-title').textContent), second);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !location.search);
  assert.equal(await box().inputValue(), '');
  assert.equal(await page.locator('.s-hit').count(), 0);
});

test('filters, sorting and pages are in the URL, and counts are of the whole result', async () => {
  await openSearch('?q=工');
  await said('找到 \\d+ 条结果，第 1 页');
  const files = JSON.parse(readFileSync(path.join(out, 'a/search/index.json'))).facets.map(f => `/sub/search/${f.file}.bin`);
  assert.equal(site.requests.filter(p => files.includes(p)).length, 0, 'facets are loaded only when shown');
  const total = Number(/找到 (\d+)/.exec(await status().textContent())[1]);
  await page.locator('.s-facets summary').click();
  await page.locator('.s-value').first().waitFor();
  assert.equal(site.requests.filter(p => files.includes(p)).length, files.length);
  const counts = await page.locator('.s-count').allTextContents();
  assert.equal(counts.map(Number).reduce((a, b) => a + b), total);
  await page.locator('[data-s-value="year从"]').fill('1955');
  await page.locator('[data-s-value="year到"]').focus(); // the first change is answered while one types in the second field
  await page.waitForFunction(total => Number(/找到 (\d+)/.exec(document.querySelector('[data-s-status]').textContent)?.[1]) < total, total);
  const after = await status().textContent();
  await page.locator('[data-s-value="year到"]').fill('1956');
  await page.locator('[data-s-value="year到"]').press('Enter');
  await page.waitForFunction(after => /找到/.test(document.querySelector('[data-s-status]').textContent) && document.querySelector('[data-s-status]').textContent !== after, after);
  assert.match(page.url(), /f\.year=1955-1956/);
  for (const meta of await page.locator('.s-meta').allTextContents()) assert.match(meta, /195[56]/);
  await page.locator('.s-sort').selectOption('date');
  await page.waitForFunction(() => /sort=date/.test(location.search));
  await page.locator('.s-page-link', { hasText: '下一页' }).click();
  await said('第 2 页');
  assert.match(page.url(), /page=2/);
  const here = await results();
  await page.reload();
  await said('第 2 页');
  assert.deepEqual(await results(), here);
  assert.deepEqual(problems, []);
});

test('a word that one record of twenty-three has brings the cards of its ten best along', async () => {
  site.publish = 'c';
  await page.goto(`${base}/search/?q=甲测`);
  await page.locator('.s-hit').nth(9).waitFor();
  assert.match(await status().textContent(), /131/);
  const files = site.requests.filter(p => p.endsWith('.bin'));
  assert.ok(files.length <= 2, `the shard and perhaps a page of names, not ${files.length} files`);
});

test('nothing found: says so, offers less, shows related', async () => {
  await openSearch('?q=' + encodeURIComponent('张测试一生节俭吗'));
  await said('这是“张测试一生节俭”的结果');
  assert.equal(await page.locator('.s-related .s-title').first().textContent(), '张测试');
  await page.locator('.s-offers a').first().click();
  await said('找到 1 条结果');
});

test('recent queries stay on the device and can be cleared', async () => {
  await openSearch();
  await box().fill('节俭');
  await box().press('Enter');
  await said('找到 1 条结果');
  await openSearch();
  await page.locator('.s-recent a').waitFor();
  assert.deepEqual(await page.locator('.s-recent a').allTextContents(), ['节俭']);
  await page.locator('.s-recent button').click();
  assert.equal(await page.locator('.s-recent').count(), 0);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

test('the box of every page: a combobox that opens a hit with arrows and Enter', async () => {
  await page.goto(base + '/');
  await page.keyboard.press('/');
  await page.keyboard.insertText('节俭');
  await page.locator('.s-popup .s-link').waitFor();
  const input = page.locator('[data-s-box] input');
  assert.equal(await input.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('.s-popup [aria-selected=true] .s-title').textContent(), '张测试');
  assert.ok(await input.getAttribute('aria-activedescendant'));
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.s-popup').isHidden(), true);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/people\/zhang\/\?s=/);
  assert.deepEqual(problems, []);
});

test('the search page has no accessibility faults that axe knows', async () => {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  await openSearch('?q=测试&f.type=人物');
  await said('找到 2 条结果');
  await page.locator('.s-value').first().waitFor();
  // The policy forbids foreign scripts in the page itself, so axe comes in by the debugger.
  await page.evaluate(readFileSync(axe, 'utf8'));
  const faults = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`));
  assert.deepEqual(faults, []);
});
