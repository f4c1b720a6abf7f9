// A built site as a reader meets it: made by the program from this checkout, served on 127.0.0.1 under the
// policy that the contract promises, and opened in the Chromium of this machine.

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export { browser, firefox } from './chromium.mjs';

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The sources that the tests build: the archive of this repository, one below a path with what that one lacks, and the
 * least that is a site. `differs` are the groups of pages in which the latter two show what the first does not.
 */
export const SOURCES = {
  sample: { dir: ROOT, base: '/' },
  full: { dir: fileURLToPath(new URL('testdata/archive/', import.meta.url)), base: '/gz/',
    differs: /^(home|chronicle|names|roll|term|notfound|redirect|zoom|record of (reports|people|photos)|list of (people|photos|statistics)|list, further page|series, one of them)$/ },
  bare: { dir: fileURLToPath(new URL('testdata/bare/', import.meta.url)), base: '/', differs: /^(home|browse|search|record of reports)$/ },
};

const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'";

const TYPES = {
  html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', json: 'application/json',
  svg: 'image/svg+xml', png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp', xml: 'application/xml', txt: 'text/plain; charset=utf-8',
};

const run = promisify(execFile);
let made; // the program, where this process had to build it

/** The program of this checkout: the one that run.mjs built for all tests, or one built now, for this file alone. */
export async function program() {
  if (process.env.GONGZHI_PROGRAM) return process.env.GONGZHI_PROGRAM;
  return made ??= (async () => {
    const dir = await mkdtemp(join(tmpdir(), 'gongzhi-program-'));
    process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
    const file = join(dir, process.platform === 'win32' ? 'gongzhi.exe' : 'gongzhi');
    await run('go', ['build', '-o', file, './generator'], { cwd: ROOT });
    return file;
  })();
}

/** Builds a source into a folder; what the program objects to is the error's text. */
export async function generate(source, output, ...flags) {
  try {
    await run(await program(), ['build', ...flags, '--source', source, '--output', output], { maxBuffer: 1 << 24 });
  } catch (error) {
    throw new Error(`cannot build the site to test:\n${error.stderr || error.message}`);
  }
}

/**
 * The named sources, built: those that run.mjs built for all tests, or in a temporary folder of one's own.
 * @returns {Promise<{sites: Object<string, Site>, close: function(): Promise<void>}>}
 */
export async function build(...names) {
  const shared = process.env.GONGZHI_SITES;
  const dir = shared ?? await mkdtemp(join(tmpdir(), 'gongzhi-browsertest-'));
  const sites = {};
  const close = async () => {
    for (const site of Object.values(sites)) site.server?.close();
    if (!shared) await rm(dir, { recursive: true, force: true });
  };
  try {
    for (const name of names) {
      if (!shared) await generate(SOURCES[name].dir, join(dir, name));
      sites[name] = await Site.open(name, join(dir, name), SOURCES[name].base);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { sites, close };
}

/** The files of a built site, by their path below its folder, and a server for them. */
export class Site {
  constructor(name, base, files) {
    Object.assign(this, { name, base, files });
  }

  static async open(name, dir, base) {
    const files = new Map();
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      files.set(path.slice(dir.length + 1).replaceAll('\\', '/'), await readFile(path));
    }
    const site = new Site(name, base, files);
    site.dir = dir;
    site.pages = [...files].filter(([path]) => /\.html?$/.test(path)).map(([path, bytes]) => new Page(site, path, bytes));
    return site;
  }

  /** The path of the file that a URL's path shows, or undefined. A folder is asked for with its slash. */
  fileAt(pathname) {
    let path;
    try { path = decodeURIComponent(pathname); } catch { return undefined; }
    if (!path.startsWith(this.base)) return undefined;
    path = path.slice(this.base.length);
    if (path === '' || path.endsWith('/')) path += 'index.html';
    return this.files.has(path) ? path : undefined;
  }

  /** Serves the site as a plain web server would; returns the URL of its home page. */
  async serve() {
    this.server = createServer((request, response) => {
      const path = this.fileAt(new URL(request.url, 'http://localhost').pathname);
      const name = path ?? '404.html';
      response.writeHead(path ? 200 : 404, {
        'content-type': TYPES[name.split('.').pop()] ?? 'application/octet-stream',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      });
      response.end(this.files.get(name));
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    return this.origin + this.base;
  }

  url(path) {
    return this.origin + this.base + path;
  }
}

/** One page: `kind` is the name that the theme gives its body, `group` the kinds that the tests tell apart. */
class Page {
  constructor(site, path, bytes) {
    const html = bytes.toString();
    const [first, ...rest] = path.replace(/index\.html$/, '').split('/').filter(Boolean);
    Object.assign(this, { site, path, bytes, html, address: path.replace(/(^|\/)index\.html$/, '$1') });
    this.kind = /<meta http-equiv="refresh"/.test(html) ? 'redirect' : /<body class="k-([^" ]+)/.exec(html)?.[1] ?? 'none';
    this.group = this.kind;
    if (path.includes('/page/')) this.group += ', further page';
    else if (this.kind === 'record' || this.kind === 'list') this.group += ` of ${first}`;
    else if (['browse', 'days', 'series'].includes(this.kind) && rest.length > 0) this.group += ', one of them';
  }

  get url() {
    return this.site.url(this.address);
  }

  get name() {
    return `${this.site.base}${this.address}`;
  }
}

/** One page of every group (that differs), the longest, for it has most in it; and the shortest record. */
export function specimens(site) {
  const longest = new Map();
  let least;
  for (const page of site.pages) {
    const rival = longest.get(page.group);
    if (!rival || page.bytes.length > rival.bytes.length) longest.set(page.group, page);
    if (page.kind === 'record' && !(page.bytes.length >= least?.bytes.length)) least = page;
  }
  const differs = SOURCES[site.name].differs ?? /./;
  return [...new Set([...longest.values(), ...(least ? [least] : [])])].filter((page) => differs.test(page.group)).sort((a, b) => a.group.localeCompare(b.group));
}

/** A reader in China, in front of a wide screen unless told otherwise. */
export const READER = { locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1360, height: 900 } };

/** Notes what a page does that no page may: put an error on the console, fail, or ask another site for something. */
export function watch(page, site, faults) {
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== site.origin && url.protocol !== 'data:' && url.protocol !== 'blob:') faults.push(`asks another site: ${url}`);
  });
  page.on('requestfailed', (request) => {
    const { errorText } = request.failure();
    if (errorText !== 'net::ERR_ABORTED') faults.push(`cannot load ${request.url()}: ${errorText}`); // aborted: the reader went on
  });
}
