// One page of every kind, in the browser: what must hold for each of them on any screen, in light and dark, and on paper.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { READER, browser, build, specimens, watch } from './site.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const { sites, close } = await build('sample', 'full', 'bare');
const all = Object.values(sites).flatMap(specimens).filter((page) => page.kind !== 'redirect');
// Accessibility is looked at wide in light and narrow in dark; of the kinds with many groups (lists, records), and of what other sites
// show beside the sample, one group in one way and the next in the other; all four pairs of width and scheme for every page when there is time (make soak).
const seen = {};
const ways = (kind, site) => {
  if (process.env.GONGZHI_RUNS) return ['light 1360', 'dark 1360', 'light 390', 'dark 390'];
  const n = seen[kind] = (seen[kind] ?? -1) + 1;
  return n === 0 && site === sites.sample ? ['light 1360', 'dark 390'] : [n % 2 ? 'dark 390' : 'light 1360'];
};
const visits = all.map((page) => ({ name: `${page.group}: ${page.name}`, site: page.site, address: page.address, record: page.kind === 'record', axe: ways(page.kind, page.site) }));
// What only a script makes, once it is there.
for (const [name, address, prepare] of [
  ['the search page with an answer', 'search/?q=劳模', (tab) => tab.locator('.s-hit').first().waitFor()],
  ['the search page without one', 'search/?q=无此一词之页', (tab) => tab.locator('[data-s-status]:not(:empty)').waitFor()],
  ['a record opened from an answer', 'people/meng-tai/?s=孟泰', (tab) => tab.locator('mark.s-hit-mark').first().waitFor()],
  ['the search box with proposals', '', async (tab) => {
    await tab.locator('header input[name=q]').focus();
    await tab.keyboard.type('孟泰');
    await tab.locator('.s-popup a').first().waitFor();
  }],
]) visits.push({ name, site: sites.sample, address, prepare, axe: ways(name, sites.sample) });
let chromium, context;

before(async () => {
  chromium = await browser();
  context = await chromium.newContext(READER);
  for (const site of Object.values(sites)) await site.serve();
});
after(async () => {
  await chromium?.close();
  await close();
});

test('every kind of page is among those looked at', () => {
  const groups = new Set(all.filter((page) => page.site === sites.sample).map((page) => page.group));
  const views = ['home', 'chronicle', 'rolls', 'roll', 'names', 'browse', 'browse, one of them', 'term', 'term, further page', 'series',
    'series, one of them', 'days', 'days, one of them', 'search', 'notfound', 'list, further page'];
  const collections = ['reports', 'people', 'honors', 'conferrals', 'workshops', 'competitions', 'initiatives', 'venues', 'organizations',
    'events', 'policies', 'statistics', 'photos', 'sources'];
  const lists = collections.map((c) => `list of ${c}`);
  const records = collections.filter((c) => c !== 'conferrals' && c !== 'statistics').map((c) => `record of ${c}`);
  assert.deepEqual([...views, ...lists, ...records].filter((g) => !groups.has(g)), []);
  assert.ok(all.every((page) => page.kind !== 'none'), 'a page does not say what kind it is');
});

describe('a page of every kind', () => {
  for (const { name, site, address, record, prepare, axe } of visits) {
    test(name, async () => {
      const faults = [];
      const requests = new Set();
      const tab = await context.newPage();
      try {
        watch(tab, site, faults);
        tab.on('request', (request) => { if (!['image', 'other'].includes(request.resourceType())) requests.add(new URL(request.url()).pathname); });
        await tab.goto(site.url(address));
        await prepare?.(tab);
        for (const width of [1360, 820, 390, 360]) {
          await tab.setViewportSize({ width, height: 900 });
          await sideways(tab, width, faults);
        }
        await tab.evaluate(() => { document.documentElement.dataset.size = 'l'; });
        await sideways(tab, '360, large letters,', faults);
        await tab.setViewportSize({ width: 1360, height: 900 });
        await sideways(tab, '1360, large letters,', faults);
        await tab.emulateMedia({ media: 'print', colorScheme: 'dark' });
        faults.push(...await tab.evaluate(onPaper));
        await tab.emulateMedia({ media: 'screen' });
        await tab.evaluate(() => { delete document.documentElement.dataset.size; });
        if (!process.env.GONGZHI_RUNS) await tab.evaluate(thin);
        for (const way of axe) {
          const [colorScheme, width] = way.split(' ');
          await tab.setViewportSize({ width: Number(width), height: 900 });
          await tab.emulateMedia({ colorScheme });
          await accessible(tab, way, faults);
        }
        // Beside the page and its images: a style sheet and a script, and nothing that they ask for in turn.
        if (record && requests.size > 3) faults.push(`too many requests: ${[...requests].join(' ')}`);
      } finally {
        await tab.close();
      }
      assert.deepEqual(faults, []);
    });
  }
});

/** Takes away what is built exactly as three of its neighbours before it, the fourth row and the hundredth: axe would take longest over it. Runs in the page. */
function thin() {
  const built = (el) => `${el.tagName}.${el.className}[${[...el.attributes].map((a) => a.name)}](${[...el.children].map(built)})`;
  for (const parent of document.querySelectorAll('main *, footer *')) {
    const count = new Map();
    for (const el of [...parent.children]) {
      const as = built(el), n = (count.get(as) ?? 0) + 1;
      count.set(as, n);
      if (n > 3) el.remove();
    }
  }
}

/** axe-core finds nothing to object to. */
async function accessible(tab, where, faults) {
  if (!await tab.evaluate(() => 'axe' in window)) await tab.evaluate(AXE);
  const violations = await tab.evaluate(async (rules) => {
    const { violations } = await window.axe.run(document, { runOnly: rules, resultTypes: ['violations'], preload: false, iframes: false });
    return violations.map(({ id, nodes }) => ({ id, count: nodes.length, html: nodes[0].html.slice(0, 200), why: nodes[0].failureSummary }));
  }, RULES);
  for (const v of violations) faults.push(`axe, ${where}: ${v.id} (${v.count}) ${v.html} ${v.why}`);
}

/** The page itself never scrolls sideways; tables and code may, in a box of their own. */
async function sideways(tab, where, faults) {
  const wide = await tab.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return null;
    const beyond = [...document.body.querySelectorAll('*')].filter((el) => el.getBoundingClientRect().right > root.clientWidth + 0.5);
    return `${root.scrollWidth} > ${root.clientWidth}, by ${beyond.slice(-3).map((el) => el.outerHTML.slice(0, 100)).join(' | ')}`;
  });
  if (wide) faults.push(`scrolls sideways at ${where} ${wide}`);
}

/** On paper: black on white, even for who reads in the dark, and nothing that only a screen can use. Runs in the page. */
function onPaper() {
  const faults = [];
  const shown = (el) => el.getClientRects().length > 0;
  for (const el of document.querySelectorAll('nav, form, button, .skip')) {
    if (shown(el) && el.innerText.trim()) faults.push(`printed: ${el.outerHTML.slice(0, 100)}`);
  }
  const main = document.querySelector('main');
  const ground = [document.documentElement, document.body, main].map((el) => getComputedStyle(el).backgroundColor);
  if (ground.some((c) => !['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(c))) faults.push(`paper is not white: ${ground}`);
  for (const el of [main, main.querySelector('h1') ?? main]) {
    if (getComputedStyle(el).color !== 'rgb(0, 0, 0)') faults.push(`ink is not black: ${getComputedStyle(el).color} ${el.outerHTML.slice(0, 60)}`);
  }
  if (!shown(main)) faults.push('main is not printed');
  return faults;
}
