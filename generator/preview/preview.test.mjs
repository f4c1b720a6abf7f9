// The preview as an editor meets it: the program runs, files are saved, and the open tab is looked at.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { ROOT, browser, program as gongzhi } from '../browsertest/site.mjs';

const WAIT = { timeout: 20_000 };
const long = Array.from({ length: 60 }, (_, i) => `第${i}段，说的是劳动竞赛。`).join('\n\n');
const report = (title, body = long, head = '') => `---\ntitle: ${title}\ndate: 1958-05-01\n${head}---\n\n${body}\n`;

let work, program, dir, port, server, chromium, context, tab, complaints;

async function put(path, text) {
  await mkdir(dirname(join(dir, path)), { recursive: true });
  await writeFile(join(dir, path), text);
}

/** Replaces a file at once: of half a file the preview would show something else for a moment, and load the page anew. */
async function replace(path, text) {
  await writeFile(join(work, 'new'), text);
  await rename(join(work, 'new'), join(dir, path));
}

async function freePort() {
  const s = createServer();
  await new Promise((ok) => s.listen(0, '127.0.0.1', ok));
  const { port } = s.address();
  await new Promise((ok) => s.close(ok));
  return port;
}

/** Starts the preview and waits until it says its address. */
async function start() {
  server = spawn(program, ['serve', '--source', dir, '--port', String(port), '--no-open'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  await new Promise((ok, fail) => {
    for (const s of [server.stdout, server.stderr]) {
      s.on('data', (b) => {
        said += b;
        if (said.includes('总览')) ok();
      });
    }
    server.on('exit', () => fail(new Error(`the preview ended:\n${said}`)));
  });
}

async function stop() {
  if (!server || server.exitCode !== null) return;
  const ended = new Promise((ok) => server.once('exit', ok));
  server.kill('SIGTERM');
  await ended;
}

/** A PNG of one pixel (RFC 2083). */
function pixel(...rgb) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])), chunk('IDAT', deflateSync(Buffer.from([0, ...rgb]))), chunk('IEND', Buffer.alloc(0))]);
}

const url = (path) => `http://localhost:${port}${path}`;

/** Opens a page and waits until it listens, so that what is saved next reaches it. */
async function open(path, page = tab) {
  await page.goto(url(path));
  await page.locator('gz-preview[data-number]').waitFor({ state: 'attached', ...WAIT });
}

const overlay = () => tab.locator('gz-preview .sheet:not([hidden])');

before(async () => {
  work = await mkdtemp(join(tmpdir(), 'gongzhi-preview-'));
  program = await gongzhi();
  chromium = await browser();
});

after(async () => {
  await chromium?.close();
  await rm(work, { recursive: true, force: true });
});

beforeEach(async () => {
  dir = await mkdtemp(join(work, 'site-'));
  await put('site.yaml', 'title: 工志\nbaseURL: https://example.org/\n');
  await put('content/reports/a.md', report('甲报道'));
  await put('content/reports/b.md', report('乙报道'));
  port = await freePort();
  await start();
  context = await chromium.newContext({ viewport: { width: 1000, height: 600 } });
  tab = await context.newPage();
  complaints = [];
  tab.on('pageerror', (e) => complaints.push(String(e)));
  tab.on('console', (m) => { if (m.type() === 'error' && !/Failed to load resource|ERR_/.test(m.text())) complaints.push(m.text()); });
});

afterEach(async () => {
  await context.close();
  await stop();
  await rm(dir, { recursive: true, force: true });
  assert.deepEqual(complaints, [], 'the browser complains (policy of the contract, or a script)');
});

test('a saved page is shown at once, at the place where its reader is', async () => {
  await put('content/reports/a.md', report('甲报道', `${long}\n\n最后一段。`));
  await open('/reports/a/');
  await tab.evaluate(() => scrollTo(0, 1500));
  await tab.waitForFunction(() => scrollY === 1500);
  await put('content/reports/a.md', report('甲报道', `${long}\n\n最后一段，改过了。`));
  await tab.getByText('最后一段，改过了。').waitFor({ state: 'attached', ...WAIT });
  await tab.waitForFunction(() => Math.abs(scrollY - 1500) < 3, null, WAIT);
});

test('a tab whose page has not changed is left alone', async () => {
  await open('/reports/b/');
  await tab.evaluate(() => { window.same = true; });
  const other = await context.newPage();
  await open('/reports/a/', other);
  await put('content/reports/a.md', report('甲报道', '改了正文。'));
  await other.getByText('改了正文。').waitFor(WAIT);
  assert.equal(await tab.evaluate(() => window.same), true);
});

test('an address that is no text in UTF-8 has its preview too', async () => {
  await open('/%ff');
  await put('site.yaml', 'title: 别的名称\nbaseURL: https://example.org/\n');
  await tab.waitForFunction(() => document.title.includes('别的名称'), null, WAIT);
});

test('a fault is laid over its page with the line, and goes with the next good save', async () => {
  await open('/reports/a/');
  await put('content/reports/a.md', report('甲报道', '正文。', 'tagz: [一]\n'));
  await overlay().waitFor(WAIT);
  const text = await overlay().innerText();
  assert.match(text, /content\/reports\/a\.md:4:1/);
  assert.match(text, /tags/, 'the hint names the right field');
  assert.equal(await overlay().locator('mark').innerText(), 't');
  assert.match(await overlay().locator('a.open').first().getAttribute('href'), /^vscode:\/\/file\/.*\/content\/reports\/a\.md:4:1$/);
  assert.ok(await tab.getByText('第0段').isVisible(), 'the last good page is below it');
  await put('content/reports/a.md', report('甲报道', '改好的正文。'));
  await tab.getByText('改好的正文。').waitFor(WAIT);
  await tab.locator('gz-preview .sheet[hidden]').waitFor({ state: 'attached', ...WAIT });
});

test('a fault elsewhere covers nothing, and is counted', async () => {
  await open('/reports/b/');
  await put('content/reports/a.md', report('甲报道', '正文。', 'tagz: [一]\n'));
  const badge = tab.locator('gz-preview .strip button', { hasText: '1 个错误' });
  await badge.waitFor(WAIT);
  assert.equal(await overlay().count(), 0);
  await badge.click();
  await overlay().getByText('content/reports/a.md:4:1').waitFor(WAIT);
  await tab.keyboard.press('Escape');
  assert.equal(await overlay().count(), 0);
  // And this page goes on living.
  await put('content/reports/b.md', report('乙报道', '别的正文。'));
  await tab.getByText('别的正文。').waitFor(WAIT);
});

test('an error that holds markup is shown as text', async () => {
  await open('/reports/a/');
  await put('content/reports/a.md', report('甲报道', '正文。', '</script><img src=x onerror="document.title=1">: 1\n'));
  await overlay().waitFor(WAIT);
  assert.equal(await overlay().locator('img, script').count(), 0);
  assert.notEqual(await tab.title(), '1');
});

test('a broken template is told on every page, and what was there stays', async () => {
  await open('/reports/a/');
  await put('themes/default/templates/footer.html', '{{define "footer"}}{{if}}{{end}}');
  await overlay().getByText('themes/default/templates/footer.html').waitFor(WAIT);
  assert.ok(await tab.getByText('第0段').isVisible());
  await put('themes/default/templates/footer.html', '{{define "footer"}}<footer>新的页脚</footer>{{end}}');
  await tab.getByText('新的页脚').waitFor({ state: 'attached', ...WAIT });
});

test('a removed page says so and leads to its list; when it is back, it is shown', async () => {
  await open('/reports/a/');
  await rm(join(dir, 'content/reports/a.md'));
  await tab.locator('gz-preview').getByText('这一页已经删除').waitFor(WAIT);
  await tab.locator('gz-preview').getByText('去看').waitFor(WAIT);
  await put('content/reports/a.md', report('甲报道', '回来了。'));
  await tab.getByText('回来了。').waitFor(WAIT);
  await rm(join(dir, 'content/reports/a.md'));
  await tab.locator('gz-preview').getByText('去看').click();
  await tab.waitForURL(url('/reports/'), WAIT);
  assert.equal(await tab.getByText('甲报道').count(), 0);
});

test('a renamed page leads to its new address', async () => {
  await open('/reports/a/');
  await rename(join(dir, 'content/reports/a.md'), join(dir, 'content/reports/新名.md'));
  await tab.waitForURL((u) => decodeURI(u.pathname) === '/reports/新名/', WAIT);
  await tab.getByText('甲报道').first().waitFor(WAIT);
});

test('a style is put on without a reload', async () => {
  const style = await readFile(join(ROOT, 'themes/default/assets/style.css'), 'utf8');
  await mkdir(join(dir, 'themes/default/assets'), { recursive: true });
  await open('/reports/a/');
  await tab.evaluate(() => { window.same = true; });
  await replace('themes/default/assets/style.css', `${style}\nbody{background:rgb(1, 2, 3)}\n`);
  await tab.waitForFunction(() => getComputedStyle(document.body).backgroundColor === 'rgb(1, 2, 3)', null, WAIT);
  await replace('themes/default/assets/style.css', `${style}\nbody{background:rgb(4, 5, 6)}\n`);
  await tab.waitForFunction(() => getComputedStyle(document.body).backgroundColor === 'rgb(4, 5, 6)', null, WAIT);
  assert.equal(await tab.evaluate(() => window.same), true, 'the tab was reloaded');
});

test('an image that was replaced is shown anew, without a reload', async () => {
  await put('content/reports/fig.png', pixel(255, 0, 0));
  await put('content/reports/a.md', report('甲报道', `![一点](fig.png)\n\n${long}`));
  await open('/reports/a/');
  const is = (want) => {
    const img = document.querySelector('main img');
    if (!img?.complete || !img.naturalWidth) return false;
    const c = document.createElement('canvas').getContext('2d');
    c.drawImage(img, 0, 0);
    return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3).join() === want;
  };
  await tab.waitForFunction(is, '255,0,0', WAIT);
  await tab.evaluate(() => { window.same = true; });
  await replace('content/reports/fig.png', pixel(0, 0, 255));
  await tab.waitForFunction(is, '0,0,255', WAIT);
  assert.equal(await tab.evaluate(() => window.same), true);
});

test('a tab recovers when the preview was stopped and started, with what was saved between', async () => {
  await open('/reports/a/');
  await stop();
  await put('content/reports/a.md', report('甲报道', '停机时写的。'));
  await start();
  await tab.getByText('停机时写的。').waitFor(WAIT);
  await put('content/reports/a.md', report('甲报道', '又改了。'));
  await tab.getByText('又改了。').waitFor(WAIT);
});

test('a tab that was opened before anything could be shown recovers too', async () => {
  await stop();
  await put('themes/default/templates/footer.html', '{{define "footer"}}{{if}}{{end}}');
  await start();
  await tab.goto(url('/reports/a/'));
  await overlay().getByText('footer.html').waitFor(WAIT);
  await put('themes/default/templates/footer.html', '{{define "footer"}}<footer>好了</footer>{{end}}');
  await tab.getByText('好了').waitFor({ state: 'attached', ...WAIT });
});

test('drafts are marked, and a day shows the site without them', async () => {
  await put('content/reports/c.md', report('丙报道', '正文。', 'draft: true\n'));
  await put('content/reports/d.md', report('丁报道', '正文。', 'publishDate: 2999-05-01\n'));
  await open('/reports/c/');
  await tab.locator('gz-preview').getByText('草稿').waitFor(WAIT);
  await open('/reports/d/');
  await tab.locator('gz-preview').getByText('待发布：2999-05-01').waitFor(WAIT);
  await open('/reports/?at=2999-06-01');
  assert.equal(await tab.getByText('丁报道').count(), 1);
  assert.equal(await tab.getByText('丙报道').count(), 0);
  await tab.getByText('丁报道').click();
  await tab.waitForURL(/at=2999-06-01/, WAIT);
  await tab.locator('gz-preview').getByText('2999-06-01 的网站').waitFor(WAIT);
  await tab.locator('gz-preview').getByText('回到现在').click();
  await tab.waitForURL((u) => u.search === '', WAIT);
  await open('/reports/?at=2000-01-01');
  assert.equal(await tab.getByText('丁报道').count(), 0);
});

test('the overview lists what an editor wants to know, and follows', async () => {
  await put('content/reports/c.md', report('丙报道', '[断了](x.md)', 'draft: true\n'));
  await open('/_preview/');
  await tab.getByText('断链').waitFor(WAIT);
  await tab.getByRole('link', { name: /草稿/ }).click();
  await tab.getByRole('link', { name: '丙报道' }).waitFor(WAIT);
  await put('content/reports/c.md', report('丙报道改名', '正文。', 'draft: true\n'));
  await tab.getByRole('link', { name: '丙报道改名' }).waitFor(WAIT);
});

test('the page just edited is opened, if that is wanted', async () => {
  await open('/_preview/');
  await tab.locator('#gz-follow').check();
  await open('/reports/a/');
  await put('content/reports/b.md', report('乙报道', '跟过来了。'));
  await tab.waitForURL(url('/reports/b/'), WAIT);
  await tab.getByText('跟过来了。').waitFor(WAIT);
});

test('what is typed on the search page stays, and finds what was saved', async () => {
  await open('/search/');
  await tab.locator('main input[type=search]').fill('锦绣前程');
  await put('content/reports/a.md', report('甲报道', '说到锦绣前程。'));
  await tab.locator('main').getByText('甲报道').waitFor(WAIT);
  assert.equal(await tab.locator('main input[type=search]').inputValue(), '锦绣前程');
});
