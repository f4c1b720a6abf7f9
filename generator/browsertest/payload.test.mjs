// A script in every field that takes a text, in every setting, in names of files and in a schema: none runs, and nothing is
// asked of another host, even in a browser that knows no content security policy.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, relative, sep } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { browser as launch } from './chromium.mjs';
import { program, ROOT } from './site.mjs';

const run = promisify(execFile);
const ATTACK = `"'><img src=//evil.invalid/x onerror=alert(1)><script>alert(2)</script><svg/onload=alert(3)>{{.}}\${alert(4)}</title></textarea>`;
const BODY = `${ATTACK}\n\n<iframe srcdoc="<script>alert(5)</script>"></iframe> <a href="javascript:alert(6)">丁</a>\n\n# ${ATTACK}\n\n文[^1]\n\n[^1]: ${ATTACK}\n`;
const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.svg': 'image/svg+xml' };

let browser, dir, server, base, pages, left = 0;

/** A record with the attack in each field; the fields that the program refuses to have it in are taken out, one by one. */
function record(fields) {
  return `---\n${Object.entries(fields).map(([k, v]) => `${k}: ${JSON.stringify(v)}\n`).join('')}---\n\n${BODY}`;
}

before(async () => {
  browser = await launch();
  dir = await mkdtemp(join(tmpdir(), 'payload-'));
  const gongzhi = await program(), source = join(dir, 'site');
  await mkdir(source);
  const files = {};
  const settings = { baseURL: 'https://example.org/' };
  for (const key of ['title', 'subtitle', 'description', 'organizer', 'icp', 'police', 'siteID', 'copyright']) settings[key] = ATTACK;
  files['site.yaml'] = settings;
  const keys = (await readdir(join(ROOT, 'generator/content/schemas'))).filter(f => extname(f) === '.yaml' && !f.startsWith('_')).map(f => f.slice(0, -5));
  for (const key of keys) {
    const { stdout } = await run(gongzhi, ['schema', '--json', key], { cwd: source });
    const fields = {};
    for (const name of Object.keys(JSON.parse(stdout).properties)) if (/^[a-z_]+$/.test(name) && name !== 'draft' && name !== 'withdrawn') fields[name] = ATTACK;
    files[`content/${key}/a.md`] = { ...fields, title: ATTACK };
  }
  for (const [key, say] of [['label', `'${ATTACK.replaceAll("'", "''")}'`], ['about', `'${ATTACK.replaceAll("'", "''")}'`]]) {
    files[`content/own-${key}/_schema.yaml`] = `label: 自设${key}\nfields:\n  - {key: title, label: 题名, required: true}\n${key}: ${say}\n`.replace(key === 'label' ? 'label: 自设label\n' : '\0', '');
    files[`content/own-${key}/a.md`] = { title: ATTACK };
  }
  const write = async () => {
    for (const [name, fields] of Object.entries(files)) {
      await mkdir(join(source, name, '..'), { recursive: true });
      const text = typeof fields === 'string' ? fields : name === 'site.yaml' ? Object.entries(fields).map(([k, v]) => `${k}: ${JSON.stringify(v)}\n`).join('') : record(fields);
      await writeFile(join(source, name), text);
    }
  };
  // What a message speaks of is a line; each line of the front is one field. What has no place of its own is given a plain value.
  const plain = { date: '2020', birth: '1950', year: '2020', value: '1' };
  for (let round = 0; round < 20; round++) {
    await write();
    const { stdout } = await run(gongzhi, ['build', '--source', source, '--output', join(dir, 'public'), '--json'], { cwd: dir, maxBuffer: 64 << 20 }).catch(e => e);
    const errors = JSON.parse(stdout).messages.filter(m => m.severity === 'error');
    if (!errors.length) break;
    assert.ok(round < 19, JSON.stringify(errors, null, 1));
    const before = new Map(Object.entries(files).map(([k, v]) => [k, Object.keys(v)]));
    for (const m of errors) {
      const fields = files[m.path];
      if (fields === undefined) continue; // taken out in this round
      if (typeof fields === 'string') { delete files[m.path]; await rm(join(source, m.path, '..'), { recursive: true }); delete files[m.path.replace('_schema.yaml', 'a.md')]; continue; }
      const name = before.get(m.path)[m.line - (m.path === 'site.yaml' ? 1 : 2)];
      const missing = /（([a-z_]+)）/.exec(m.text)?.[1];
      if (name && m.line > 1 && m.id === 'value/list' && fields[name] === ATTACK) {
        fields[name] = [ATTACK];
      } else if (name && m.id === 'value/enum') {
        fields[name] = /可以用：([^、。]+)/.exec(m.text)[1];
      } else if (name && fields[name] === ATTACK && m.line > 1) {
        if (plain[name]) fields[name] = plain[name]; else delete fields[name];
      } else if (missing && !(missing in fields)) {
        fields[missing] = plain[missing] ?? '测试';
      } else if (name && m.line > 1) {
        delete fields[name];
      } else { // a record that can't be: a kind of its own, such as rows that need what is elsewhere
        await rm(join(source, m.path), { force: true });
        delete files[m.path];
        left++;
      }
    }
  }
  const top = join(dir, 'public');
  const all = (await readdir(top, { recursive: true, withFileTypes: true })).filter(e => e.isFile()).map(e => relative(top, join(e.parentPath, e.name)).split(sep).join('/'));
  const kinds = new Set();
  pages = all.filter(f => f.endsWith('.html')).filter(f => { // one of each kind; GONGZHI_RUNS has all
    const kind = /^browse\//.test(f) ? `browse ${f.split('/').length}` : f;
    return process.env.GONGZHI_RUNS || !kinds.has(kind) && kinds.add(kind);
  });
  server = createServer(async (req, res) => {
    let name = decodeURIComponent(new URL(req.url, 'http://x').pathname).slice(1);
    if (name === '' || name.endsWith('/')) name += 'index.html';
    let b = await readFile(join(top, name)).catch(() => null);
    if (b && name.endsWith('.html')) {
      const open = b.toString().replace(/<meta http-equiv="?content-security-policy[^>]*>/i, '');
      b = Buffer.from(open);
    }
    res.writeHead(b ? 200 : 404, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
    res.end(b ?? '');
  }).listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  await browser?.close();
  server?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

test('nothing runs and nobody else is asked, in any page and in the search', async () => {
  const page = await browser.newPage(), wrong = [];
  page.on('dialog', d => { wrong.push(`${page.url()}: a dialog, ${d.message()}`); d.dismiss(); });
  page.on('request', r => { if (!r.url().startsWith(base) && !r.url().startsWith('data:')) wrong.push(`${page.url()}: ${r.url()} is asked for`); });
  page.on('pageerror', e => wrong.push(`${page.url()}: ${e}`));
  let shown = 0;
  for (const p of pages) {
    await page.goto(`${base}/${p.split('/').map(encodeURIComponent).join('/').replace(/index\.html$/, '')}`, { waitUntil: 'load' });
    if ((await page.textContent('body')).includes('onerror=alert(1)')) shown++;
    assert.equal(await page.locator('meta[http-equiv="content-security-policy" i]').count(), 0, 'the policy is taken out');
    assert.equal(await page.locator('[onerror], [onload], script:not([src]):not([type="application/ld+json"]), a[href^="javascript:" i], a[href^="data:" i]').count(), 0, p);
  }
  assert.ok(shown > 30 && !left, `${shown} of ${pages.length} pages show the attack as text; ${left} kinds of records are left out`);
  for (const q of [ATTACK, 'onerror', 'alert']) {
    await page.goto(`${base}/search/?q=${encodeURIComponent(q)}`, { waitUntil: 'networkidle' });
    await page.waitForTimeout(200);
  }
  for (const address of ['/search/?q=alert&f.constructor=x&f.__proto__=y&f.toString=z', '/search/?q=alert#%ff', '/?s=alert#%ff']) {
    await page.goto(base + address, { waitUntil: 'networkidle' });
  }
  await page.goto(`${base}/search/?q=alert&f.constructor=x`, { waitUntil: 'networkidle' });
  await page.locator('[data-s-status]', { hasText: '条' }).waitFor(); // the search answers, whatever the filters are called
  assert.deepEqual(wrong, []);
});
