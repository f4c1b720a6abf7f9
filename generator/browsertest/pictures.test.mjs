// Pictures as a reader meets them: a report with ten phone photographs on a phone and a slow line, the view over the page,
// a large scan to look at closely. The photographs are drawn here, so that nobody takes them for real ones.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { browser as launch, generate, Site } from './site.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHOTOS = 10;
let browser, dir, site;

/** JPEGs of a size: coarse and fine spots in all colours, which are packed about as badly as a photograph. */
async function draw(page, list) {
  return (await page.evaluate(async (list) => {
    const out = [], base = new OffscreenCanvas(3000, 2200), b = base.getContext('2d');
    let seed = 1;
    const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
    for (let size = 1000; size > 6; size /= 2) {
      for (let i = 0; i < 9 * (1000 / size) ** 1.6; i++) {
        b.fillStyle = `hsl(${360 * random()} ${30 + 40 * random()}% ${20 + 60 * random()}% / .5)`;
        b.beginPath();
        b.arc(base.width * random(), base.height * random(), size * random(), 0, 7);
        b.fill();
      }
    }
    for (const [width, height, hue] of list) {
      const canvas = new OffscreenCanvas(width, height), g = canvas.getContext('2d');
      g.drawImage(base, hue, 0);
      g.globalCompositeOperation = 'hue';
      g.fillStyle = `hsl(${hue} 60% 50%)`;
      g.fillRect(0, 0, width, height);
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 })).arrayBuffer());
      let text = '';
      for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
      out.push(btoa(text));
    }
    return out;
  }, list)).map((s) => Buffer.from(s, 'base64'));
}

before(async () => {
  browser = await launch();
  dir = await mkdtemp(join(tmpdir(), 'gongzhi-pictures-'));
  const source = join(dir, 'source');
  await mkdir(join(source, 'content/reports'), { recursive: true });
  await mkdir(join(source, 'content/photos'), { recursive: true });
  const page = await browser.newPage();
  const drawn = await draw(page, [...Array.from({ length: PHOTOS }, (_, i) => [2400, 1800, 36 * i]), [3000, 2200, 40]]);
  await page.close();
  for (const [i, b] of drawn.slice(0, PHOTOS).entries()) await writeFile(join(source, `content/reports/p${i}.jpg`), b);
  await writeFile(join(source, 'content/photos/scan.jpg'), drawn[PHOTOS]);
  await writeFile(join(source, 'site.yaml'), 'title: 测试站\nbaseURL: https://example.org/\n');
  const text = Array.from({ length: PHOTOS }, (_, i) => `${'测试厂的职工看图。'.repeat(20)}\n\n![测试图样第${i + 1}号，彩色圆斑](p${i}.jpg "测试图样${i + 1}")`).join('\n\n');
  await writeFile(join(source, 'content/reports/ten.md'), `---\ntitle: 十幅测试图样\ndate: 2026-05-01\n---\n\n${text}\n`);
  await writeFile(join(source, 'content/reports/pair.md'), '---\ntitle: 两幅一组\ndate: 2026-05-02\n---\n\n![测试图样甲，红色圆斑](p0.jpg "图样甲")\n\n![测试图样乙，黄色圆斑](p1.jpg "图样乙")\n');
  await writeFile(join(source, 'content/photos/scan.md'), '---\ntitle: 测试扫描件\nfile: scan.jpg\nalt: 彩色圆斑，没有文字\nzoom: true\n---\n');
  await generate(source, join(dir, 'out'));
  site = await Site.open('pictures', join(dir, 'out'), '/');
  await site.serve();
});

after(async () => {
  await browser?.close();
  site?.server?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

test('ten photographs on a phone and a slow line: little is fetched for the first screen, and nothing moves', async (t) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const line = await context.newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 });
  await page.addInitScript(() => {
    globalThis.seen = { moved: 0, paint: 0 };
    new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) seen.moved += e.value; }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((l) => { for (const e of l.getEntries()) seen.paint = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
  await page.goto(site.url('reports/ten/'));
  await page.waitForLoadState('networkidle');
  const fetched = await page.evaluate(() => performance.getEntriesByType('resource').filter((e) => /\.(jpg|png|webp)$/.test(e.name)).map((e) => [e.name, e.encodedBodySize]));
  // What the screen shows and what the browser fetches ahead of it is the browser's; what the screen shows is ours.
  const shown = await page.evaluate(() => [...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight).map((i) => i.currentSrc));
  const first = fetched.filter(([name]) => shown.includes(name)).reduce((n, [, size]) => n + size, 0);
  const rest = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].filter((e) => !/\.(jpg|png|webp)$/.test(e.name)).reduce((n, e) => n + e.encodedBodySize, 0));
  t.diagnostic(`largest paint ${Math.round((await page.evaluate(() => seen)).paint)} ms; ${fetched.length} pictures fetched, ${first} bytes on the first screen, ${rest} of page, style and scripts, none of them packed`);
  assert.ok(first > 0 && rest > 0 && first + rest <= 200_000, `${first} + ${rest} bytes for the first screen`);
  assert.ok(fetched.length < PHOTOS, 'all pictures are fetched at once');
  for (let y = 0; y < 40; y++) await page.mouse.wheel(0, 400);
  await page.waitForFunction(() => { const l = [...document.querySelectorAll('figure img')]; return l.at(-1).complete && l.at(-1).naturalWidth > 0; });
  assert.equal((await page.evaluate(() => seen)).moved, 0, 'the page moves while its pictures come');
  await context.close();
});

test('a picture opens over the page; keys go on, Escape closes, and the place is kept', async () => {
  const page = await browser.newPage();
  const wrong = [];
  page.on('console', (m) => { if (m.type() === 'error') wrong.push(m.text()); });
  await page.goto(site.url('reports/pair/'));
  const links = page.locator('figure > a');
  assert.equal(await links.count(), 2);
  await links.first().focus();
  await page.keyboard.press('Enter');
  const view = page.locator('dialog.view');
  await view.waitFor();
  assert.match(await view.innerText(), /1／2　图样甲/);
  assert.equal(await view.locator('img').getAttribute('alt'), '测试图样甲，红色圆斑');
  await page.keyboard.press('ArrowRight');
  assert.match(await view.innerText(), /2／2　图样乙/);
  await page.keyboard.press('ArrowRight');
  assert.match(await view.innerText(), /1／2/, 'after the last comes the first');
  await view.getByRole('button', { name: '上一幅' }).click();
  assert.match(await view.innerText(), /2／2/);
  await page.waitForFunction(() => document.querySelector('dialog.view img').naturalWidth > 0);
  await page.evaluate(AXE);
  assert.deepEqual(await page.evaluate(async () => (await axe.run(document, { resultTypes: ['violations'], preload: false })).violations.map((v) => `${v.id}: ${v.nodes[0].html}`)), []);
  const box = await view.locator('img').boundingBox();
  const { width, height } = page.viewportSize();
  assert.ok(box.width <= width && box.height <= height, 'the picture is larger than the window');
  await page.keyboard.press('Escape');
  await view.waitFor({ state: 'hidden' });
  await page.waitForFunction(() => document.activeElement === document.querySelectorAll('figure > a')[1], null, { timeout: 5000 }); // the reader is where the last picture is
  assert.deepEqual(wrong, []);
  await page.close();
});

test('without a script a picture is a link to the largest', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(site.url('reports/pair/'));
  const to = await page.locator('figure > a').first().getAttribute('href');
  assert.ok(site.fileAt(new URL(to, page.url()).pathname), `${to} is not there`);
  await page.goto(site.url('photos/scan/'));
  const more = page.getByRole('link', { name: '放大细看' });
  await more.click();
  assert.ok(await page.locator('#_zoom img').isVisible(), 'no picture without the script');
  await context.close();
});

for (const key of ['Equal', 'NumpadAdd']) {
  test(`a scan is looked at closely with the key ${key}, in tiles`, async () => {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    const wrong = [], tiles = [];
    page.on('console', (m) => { if (m.type() === 'error') wrong.push(m.text()); });
    page.on('pageerror', (e) => wrong.push(String(e)));
    page.on('response', (r) => {
      if (r.status() !== 200) wrong.push(`${r.status()} ${r.url()}`);
      const tile = /\/(\d+),(\d+),(\d+),(\d+)\/(\d+),/.exec(r.url());
      if (tile) tiles.push(tile.slice(1).map(Number));
    });
    await page.goto(site.url('photos/scan/'));
    await page.getByRole('link', { name: '放大细看' }).click();
    await page.waitForFunction(() => document.querySelector('#_zoom img')?.hidden);
    const whole = () => tiles.filter(([, , width, , shown]) => width === shown).length;
    assert.equal(whole(), 0, 'the largest tiles are fetched for a small window');
    await page.locator('#_zoom [role=application]').focus();
    for (let i = 0; i < 100 && !whole(); i++) {
      await page.keyboard.press(key, { delay: 50 });
      await page.waitForTimeout(50);
    }
    assert.ok(whole() > 0, 'never a tile in its full size');
    assert.deepEqual(wrong, []);
    await page.close();
  });
}

test('a scan is looked at closely with two fingers', async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  const sizes = [], wrong = [];
  page.on('pageerror', (e) => wrong.push(String(e)));
  page.on('response', (r) => {
    const tile = /\/(\d+),(\d+),(\d+),(\d+)\/(\d+),/.exec(r.url());
    if (tile) sizes.push(tile[3] / tile[5]); // how many pixels of the scan there are to one of the tile
  });
  await page.goto(site.url('photos/scan/'));
  await page.getByRole('link', { name: '放大细看' }).tap();
  await page.waitForFunction(() => document.querySelector('#_zoom img')?.hidden);
  assert.ok(!sizes.includes(1), 'the largest tiles are fetched for a telephone');
  const box = await page.locator('#_zoom .stage').boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height, 600) / 2];
  const screen = await context.newCDPSession(page);
  const touch = (type, apart) => screen.send('Input.dispatchTouchEvent', { type, touchPoints: apart ? [{ x: x - apart, y, id: 0 }, { x: x + apart, y, id: 1 }] : [] });
  for (let i = 0; i < 20 && !sizes.includes(1); i++) {
    await touch('touchStart', 20);
    for (let apart = 30; apart <= 150; apart += 15) await touch('touchMove', apart);
    await touch('touchEnd');
    await page.waitForTimeout(100);
  }
  assert.ok(sizes.includes(1), 'never a tile in its full size');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('on paper no picture is torn, and a scan is there whole', async () => {
  const page = await browser.newPage();
  await page.goto(site.url('photos/scan/'));
  await page.getByRole('link', { name: '放大细看' }).click();
  await page.waitForFunction(() => document.querySelector('#_zoom img')?.hidden);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('#_zoom > img').isVisible(), 'the scan is not printed');
  assert.ok(!await page.locator('#_zoom .stage').isVisible(), 'the stage is printed');
  await page.goto(site.url('reports/ten/'));
  // A side of A4 between its margins.
  await page.setViewportSize({ width: 643, height: 972 });
  const faults = await page.evaluate(() => [...document.querySelectorAll('figure')].filter((f) => getComputedStyle(f).breakInside !== 'avoid' || f.getBoundingClientRect().height > 972 * 0.6 || f.scrollWidth > f.clientWidth).map((f) => f.outerHTML.slice(0, 80)));
  assert.deepEqual(faults, []);
  await page.close();
});
