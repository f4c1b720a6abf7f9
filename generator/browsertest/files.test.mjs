// The built files themselves: every link leads somewhere, every page is valid and light.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import jsonld from 'jsonld';
import { parse } from 'parse5';
import { build, specimens } from './site.mjs';

const { sites, close } = await build('sample', 'full', 'bare');
after(close);

/** Attributes that hold the address of something. */
const ADDRESSES = { a: ['href'], area: ['href'], link: ['href'], script: ['src'], img: ['src'], source: ['src'], form: ['action'], iframe: ['src'], object: ['data'], use: ['href'] };

/** What the checker does not know yet of CSS that all browsers have had since 2023. */
const UNKNOWN_TO_CHECKER = /Unrecognized at-rule “@container”|Property “(?:container-type|paint-order)” doesn't exist/;

/** Most bytes that a record's page may take on the wire, images aside, with everything that it loads. */
const WEIGHT = 30 * 1024;

for (const site of Object.values(sites)) {
  describe(`the site ${site.name}`, () => {
    const pages = site.pages.map((page) => read(page));
    const anchors = new Map(pages.map((page) => [page.path, new Set(page.ids)]));
    const home = /<link rel="canonical" href="([^"]+)">/.exec(site.files.get('index.html').toString())[1];

    /** Says what is wrong with an address on this site as seen from a page, or gives undefined. */
    const broken = (address, from) => {
      let url;
      try { url = new URL(address, `http://site${site.base}${from}`); } catch { return `${from}: ${address} is no URL`; }
      if (url.href.startsWith(home)) url = new URL(url.href.slice(home.length), `http://site${site.base}`);
      if (url.origin !== 'http://site') return undefined;
      const path = site.fileAt(url.pathname);
      if (!path) return `${from}: nothing at ${address}`;
      const id = decodeURIComponent(url.hash.slice(1));
      if (id && !anchors.get(path)?.has(id)) return `${from}: no #${id} in ${path}`;
      return undefined;
    };

    test('every internal link, image and fragment is there', () => {
      assert.ok(pages.flatMap((page) => page.links).length > 5 * pages.length, 'too few links to be the site');
      assert.deepEqual(pages.flatMap((page) => page.links.map(({ address }) => broken(address, page.path)).filter(Boolean)), []);
    });

    test('every URL of the feed, the site map, robots.txt and the style sheets is there', () => {
      const faults = [];
      for (const [path, bytes] of site.files) {
        if (!/\.(xml|css)$|^robots\.txt$/.test(path)) continue;
        const urls = [...bytes.toString().matchAll(/<loc>([^<]+)|\bhref="([^"]+)"|^Sitemap: (.+)$|url\("?([^")]+)/gm)].map((m) => (m[1] ?? m[2] ?? m[3] ?? m[4]).trim());
        if (!path.endsWith('.css')) assert.ok(urls.length > 0, `${path} has no URL`);
        faults.push(...urls.map((url) => broken(url, path)).filter(Boolean));
      }
      assert.deepEqual(faults, []);
    });

    test('data for machines is JSON, and its URLs are there', () => {
      const faults = [];
      let blocks = 0;
      const walk = (value, path) => {
        if (typeof value === 'string' && value.startsWith(home) && !value.includes('{')) faults.push(broken(value, path));
        else if (value && typeof value === 'object') for (const v of Object.values(value)) walk(v, path);
      };
      for (const page of pages) for (const json of page.data) { blocks++; walk(JSON.parse(json), page.path); }
      assert.ok(blocks > 1);
      assert.deepEqual(faults.filter(Boolean), []);
    });

    test('a page loads nothing from elsewhere and holds no script or style of its own', () => {
      assert.deepEqual(pages.flatMap((page) => [
        ...page.links.filter(({ loads, address }) => loads && /^(?:[a-z]+:|\/\/)/i.test(address)).map(({ address }) => `${page.path} loads ${address}`),
        ...page.inline.map((what) => `${page.path}: ${what}`),
      ]), []);
    });

    test('no id twice in a page', () => {
      assert.deepEqual(pages.flatMap((page) => page.ids.filter((id, i) => page.ids.indexOf(id) !== i).map((id) => `${page.path}: ${id}`)), []);
    });

    test('every page says its language and title, has one h1, one main, a header and a footer, and no gap among its headings', () => {
      const faults = [];
      for (const { path, kind, lang, title, headings, landmarks } of pages) {
        if (lang !== 'zh-Hans') faults.push(`${path}: language ${lang}`);
        if (!title) faults.push(`${path}: no title`);
        if (kind === 'redirect') continue;
        if (headings.filter((level) => level === 1).length !== 1 || headings[0] !== 1) faults.push(`${path}: headings ${headings}`);
        headings.forEach((level, i) => { if (i > 0 && level > headings[i - 1] + 1) faults.push(`${path}: h${level} after h${headings[i - 1]}`); });
        if (landmarks.join() !== 'header,main,footer') faults.push(`${path}: landmarks ${landmarks}`);
      }
      assert.deepEqual(faults, []);
    });

    test('a record without images weighs at most 30 KB on the wire, in at most two requests beside the page', () => {
      const records = pages.filter((page) => page.kind === 'record');
      assert.ok(records.length > 0);
      const weights = new Map([...site.files].map(([path, bytes]) => [path, bytes]).filter(([path]) => /\.(css|js|svg|html)$/.test(path)).map(([path, bytes]) => [path, gzipSync(bytes).length]));
      const faults = [];
      for (const page of records) {
        // A browser fetches the icon once for the whole site, if at all; it counts by weight, not as a request. What a telephone
        // needs to put the site on its screen is fetched when somebody does that.
        const loaded = page.links.filter((link) => link.loads && link.tag !== 'img' && !['apple-touch-icon', 'manifest'].includes(link.rel)).map((link) => ({ ...link, path: site.fileAt(new URL(link.address, `http://site${site.base}`).pathname) }));
        const weight = weights.get(page.path) + loaded.reduce((sum, { path }) => sum + weights.get(path), 0);
        const requests = loaded.filter(({ rel }) => rel !== 'icon').length;
        if (!(weight <= WEIGHT)) faults.push(`${page.path}: ${weight} bytes`);
        if (requests > 2) faults.push(`${page.path}: ${requests} requests`);
      }
      assert.deepEqual(faults, []);
    });
  });
}

// The context of schema.org as far as the pages use it: every word is one of its vocabulary. Nothing is fetched.
const documentLoader = async (documentUrl) => {
  assert.equal(documentUrl, 'https://schema.org');
  return { contextUrl: null, documentUrl, document: { '@context': { '@vocab': 'https://schema.org/' } } };
};

test('the structured data of every page is JSON-LD to a library of another hand, and says what kind of thing the page is about', async () => {
  let pages = 0;
  for (const site of Object.values(sites)) {
    for (const page of site.pages) {
      const text = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(page.html)?.[1];
      if (!text) continue;
      pages++;
      const nodes = await jsonld.expand(JSON.parse(text), { documentLoader, safe: true }).catch((error) => assert.fail(`${site.name} ${page.path}: ${error.message}`));
      assert.ok(nodes.length > 0 && nodes.every((node) => node['@type']?.[0].startsWith('https://schema.org/')), `${site.name} ${page.path}: ${JSON.stringify(nodes).slice(0, 200)}`);
    }
  }
  assert.ok(pages > 500, `${pages} pages have structured data`);
});

test("the W3C's checker finds no error in any kind of page, in the style sheet or the icon", async () => {
  const files = Object.values(sites).flatMap((site) => [
    ...specimens(site).map((page) => page.path),
    ...[...site.files.keys()].filter((path) => /^assets\/.*\.(css|svg)$/.test(path)),
  ].map((path) => join(site.dir, path)));
  assert.ok(files.some((path) => path.endsWith('.css')) && files.some((path) => path.endsWith('.svg')));
  const args = ['-jar', join(createRequire(import.meta.url).resolve('vnu-jar/package.json'), '../build/dist/vnu.jar'), '--format', 'json', '--stdout', '--exit-zero-always', '--also-check-css', '--also-check-svg'];
  const check = async (...paths) => {
    const { stdout } = await promisify(execFile)('java', [...args, ...paths], { maxBuffer: 1 << 26 }).catch((error) => {
      throw new Error(error.code === 'ENOENT' ? 'The checker needs Java. Install it (Debian: apt-get install default-jre-headless).' : `${error.message}\n${error.stderr}`);
    });
    return JSON.parse(stdout).messages.filter(({ type, message }) => type !== 'info' && !UNKNOWN_TO_CHECKER.test(message))
      .map(({ url, lastLine, message, extract }) => ({ url, text: `${decodeURI(url)}:${lastLine}: ${message} ${extract ?? ''}` }));
  };
  // A page that is wrong, in the same run, shows that the checker was at work.
  const wrong = join(sites.full.dir, 'wrong.html');
  await writeFile(wrong, '<!doctype html><html lang="zh-Hans"><title>错</title><p><blink>错</blink>');
  const found = await check(wrong, ...files);
  assert.deepEqual(found.filter(({ url }) => !url.endsWith('/wrong.html')).map(({ text }) => text), []);
  assert.ok(found.length > 0, 'the checker must object to a page that is wrong');
});

/** What the tests want to know of a page. */
function read({ path, kind, html }) {
  const page = { path, kind, lang: '', title: '', links: [], ids: [], headings: [], landmarks: [], data: [], inline: [] };
  const walk = (node) => {
    const { tagName: tag, attrs = [] } = node;
    const attr = Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
    const text = () => node.childNodes.map((child) => child.value ?? '').join('');
    if (tag === 'html') page.lang = attr.lang;
    if (tag === 'title' && !page.title) page.title = text().trim();
    if (attr.id !== undefined) page.ids.push(attr.id);
    if (/^h[1-6]$/.test(tag ?? '')) page.headings.push(Number(tag[1]));
    if (tag === 'main' || ((tag === 'header' || tag === 'footer') && node.parentNode.tagName === 'body')) page.landmarks.push(tag);
    if (tag === 'script' && attr.type === 'application/ld+json') page.data.push(text());
    else if (tag === 'script' && attr.src === undefined) page.inline.push('script');
    if (tag === 'style' || attr.style !== undefined) page.inline.push('style');
    for (const { name } of attrs) if (/^on/i.test(name)) page.inline.push(name);
    for (const name of ADDRESSES[tag] ?? []) {
      if (attr[name] === undefined) continue;
      const loads = tag !== 'a' && tag !== 'area' && tag !== 'form' && !(tag === 'link' && !/stylesheet|icon|preload/.test(attr.rel));
      page.links.push({ tag, rel: attr.rel, address: attr[name], loads });
    }
    if (attr.srcset) for (const part of attr.srcset.split(',')) page.links.push({ tag: 'img', address: part.trim().split(/\s/)[0], loads: true });
    if (attr['http-equiv'] === 'refresh') page.links.push({ tag, address: attr.content.replace(/^.*url=/, ''), loads: false });
    for (const child of node.childNodes ?? []) walk(child);
    if (node.content) walk(node.content);
  };
  walk(parse(html));
  return page;
}
