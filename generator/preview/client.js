/* What the preview adds to a page: it keeps the page as it is on disk, and shows what is wrong with it. A classic
   script, the last element of <body>; it changes nothing of the page but its style sheet, and what it shows stands
   in a shadow root of its own. */
(() => {
  'use strict';
  const me = new URL(document.currentScript.src);
  let page = me.searchParams.get('page') ?? '';
  let style = me.searchParams.get('style') ?? '';
  const at = new URLSearchParams(location.search).get('at') ?? '';
  const MEMORY = 'gongzhi-preview';
  const FOLLOW = 'gongzhi-preview-follow';

  // ---- what stays over a reload: place, opened details, what was typed ----

  const box = (f) => f.type === 'checkbox' || f.type === 'radio';
  /** Every field with a name that is the same after a reload. */
  const fields = () => {
    const seen = new Map();
    return [...document.querySelectorAll('input:not([type=hidden], [type=password], [type=file]), textarea, select')].map((f) => {
      const name = `${f.tagName} ${f.type} ${f.name || f.id}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      return [`${name} ${seen.get(name)}`, f];
    });
  };
  const address = () => location.pathname + location.search;

  function remember() {
    try {
      sessionStorage.setItem(MEMORY, JSON.stringify({
        address: address(), x: scrollX, y: scrollY,
        details: [...document.querySelectorAll('details')].map((d) => d.open),
        fields: Object.fromEntries(fields().map(([name, f]) => [name, box(f) ? f.checked : f.value])),
        focus: fields().find(([, f]) => f === document.activeElement)?.[0],
      }));
    } catch { /* storage is closed to us: the page begins at its top */ }
  }

  function recall() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(MEMORY));
      sessionStorage.removeItem(MEMORY);
    } catch { return; }
    if (!kept || kept.address !== address()) return;
    for (const [i, d] of [...document.querySelectorAll('details')].entries()) if (i in kept.details) d.open = kept.details[i];
    // The page's own scripts come first: they know what to do with what is typed.
    addEventListener('DOMContentLoaded', () => {
      for (const [name, f] of fields()) {
        const key = box(f) ? 'checked' : 'value';
        if (name in kept.fields && f[key] !== kept.fields[name]) {
          f[key] = kept.fields[name];
          f.dispatchEvent(new Event('input', { bubbles: true }));
        }
        if (name === kept.focus) f.focus({ preventScroll: true });
      }
    }, { once: true });
    const place = () => scrollTo({ left: kept.x, top: kept.y, behavior: 'instant' });
    place();
    // Images and what scripts add make the page longer for a while; until the reader scrolls, the place is kept.
    let held = true;
    const release = () => { held = false; watch.disconnect(); };
    const watch = new ResizeObserver(() => { if (held) place(); });
    watch.observe(document.documentElement);
    for (const e of ['wheel', 'touchstart', 'keydown', 'pointerdown']) addEventListener(e, release, { once: true, passive: true });
    addEventListener('load', () => setTimeout(release, 1000), { once: true });
  }

  // Nothing is taken from under the fingers of someone who types: what they type would be lost, and with it, in
  // the search box, what the page makes of it.
  let typed = -1e4;
  let composing = false;
  addEventListener('input', () => { typed = performance.now(); }, true);
  addEventListener('compositionstart', () => { composing = true; }, true);
  addEventListener('compositionend', () => { composing = false; typed = performance.now(); }, true);

  function reload() {
    if (composing || performance.now() - typed < 600) {
      setTimeout(reload, 200);
      return;
    }
    remember();
    location.reload();
  }

  // ---- what is shown ----

  const el = (tag, props = {}, ...children) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...children.filter((c) => c !== null && c !== ''));
    return e;
  };

  const host = el('gz-preview');
  const root = host.attachShadow({ mode: 'open' });
  const strip = el('div', { className: 'strip' });
  const sheet = el('div', { className: 'sheet', hidden: true });
  strip.setAttribute('role', 'status');
  sheet.setAttribute('role', 'dialog');
  sheet.setAttribute('aria-modal', 'true');
  sheet.setAttribute('aria-label', '预览的消息');
  root.append(el('link', { rel: 'stylesheet', href: '/_preview/client.css' }), strip, sheet);

  let news = null;
  let dismissed = ''; // the faults that the editor has put aside

  const close = () => {
    dismissed = JSON.stringify(news.errors);
    sheet.hidden = true;
  };
  sheet.addEventListener('click', (e) => { if (e.target === sheet) close(); });
  addEventListener('keydown', (e) => {
    if (e.key === 'Escape' && !sheet.hidden) close();
  });

  function item(m) {
    const where = el('p', { className: 'where' });
    if (m.where) {
      const copy = el('button', { type: 'button', textContent: '复制' });
      copy.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(`${m.where}: ${m.text}`);
          copy.textContent = '已复制';
        } catch {
          getSelection().selectAllChildren(where.firstChild);
        }
      });
      where.append(el('span', { textContent: m.where }));
      if (m.open) where.append(el('a', { className: 'open', href: m.open, textContent: '打开源文件' }));
      where.append(copy);
    }
    const pre = el('pre');
    pre.append(m.before, el('mark', { textContent: m.mark }), m.after);
    return el('li', {}, el('p', { className: 'text', textContent: m.text }), where, m.mark ? pre : '');
  }

  function open(title, groups, calm) {
    const shut = el('button', { type: 'button', textContent: '关闭' });
    shut.addEventListener('click', close);
    const box = el('div', { className: calm ? 'box calm' : 'box' }, el('header', {}, el('h2', { textContent: title }), shut));
    for (const [label, list] of groups) {
      if (!list.length) continue;
      if (label) box.append(el('h3', { textContent: label }));
      box.append(el('ol', {}, ...list.map(item)));
    }
    box.append(el('footer', {}, calm ? '' : '改好保存以后，这里会自己消失。', ' ', el('a', { className: 'open', href: '/_preview/', textContent: '总览' })));
    sheet.replaceChildren(box);
    const first = sheet.hidden;
    sheet.hidden = false;
    if (first) shut.focus({ preventScroll: true });
  }

  function openAll() {
    open(`${news.total} 个错误`, [['这一页', news.errors], [news.errors.length ? '别的文件' : '', news.others]], false);
  }

  function show() {
    const parts = [];
    const chip = (props, tag = 'span') => parts.push(el(tag, props));
    if (news.at) {
      chip({ className: 'state', textContent: `${news.at} 的网站` });
      chip({ href: '?at=', rel: 'noreferrer', textContent: '回到现在' }, 'a'); // a referrer would say the day again
    }
    if (news.gone) {
      chip({ className: 'bad', textContent: '这一页已经删除，或还没有' });
      chip({ href: news.gone.url, textContent: `去看${news.gone.text}` }, 'a');
    }
    if (news.state) chip({ className: 'state', textContent: news.state });
    for (const t of news.lacks ?? []) chip({ textContent: t });
    if (news.warnings?.length) {
      const b = el('button', { type: 'button', textContent: `${news.warnings.length} 个提醒` });
      b.addEventListener('click', () => open('这一页的提醒', [['', news.warnings]], true));
      parts.push(b);
    }
    if (news.total) {
      const b = el('button', { type: 'button', className: 'bad', textContent: `${news.total} 个错误` });
      b.addEventListener('click', openAll);
      parts.push(b);
    }
    if (news.open) chip({ href: news.open, textContent: '打开源文件', title: news.file }, 'a');
    if (!location.pathname.startsWith('/_preview/')) chip({ href: '/_preview/', textContent: '总览' }, 'a');
    strip.replaceChildren(...parts);

    const mine = news.errors ?? [];
    if (mine.length && JSON.stringify(mine) !== dismissed) {
      open(mine.length > 1 ? `这一页有 ${mine.length} 个错误` : '这一页有错误', [['', mine]], false);
    } else if (!sheet.hidden) {
      sheet.hidden = true;
    }
    if (!mine.length) dismissed = '';
  }

  // ---- what the server tells ----

  /** Puts the new style sheet beside the old one and takes the old one away when the new one is there. */
  function restyle(url) {
    const name = url.slice(url.lastIndexOf('/') + 1);
    for (const old of document.querySelectorAll('link[rel=stylesheet]')) {
      if (!/\/style\.[0-9a-f]+\.css$/.test(old.href) || old.href.endsWith(`/${name}`)) continue;
      const link = old.cloneNode();
      link.href = url;
      link.addEventListener('load', () => old.remove());
      link.addEventListener('error', reload);
      old.after(link);
    }
    style = url.slice(url.indexOf('assets/'));
  }

  /** Fetches anew the images whose files changed: the page that shows them is the same. */
  function refresh(urls) {
    for (const img of document.images) {
      const src = new URL(img.src, location.href);
      if (urls.includes(src.pathname)) {
        src.searchParams.set('v', String(news.number));
        img.src = src.href;
      }
    }
  }

  let events = null;
  let retry = 0;
  let known = -1;

  function heard(data) {
    const before = news;
    news = JSON.parse(data);
    switch (news.do) {
      case 'move':
        location.replace(news.to);
        return;
      case 'reload':
        reload();
        return;
      case 'style':
        restyle(news.to);
    }
    let follow = false;
    try { follow = localStorage.getItem(FOLLOW) === '1'; } catch { /* not kept */ }
    if (follow && before && news.number > known && news.edited && news.edited !== location.pathname && !at) {
      location.assign(news.edited);
      return;
    }
    if (before && news.number !== known && news.assets?.length) refresh(news.assets);
    known = news.number;
    show();
    host.dataset.number = news.number;
  }

  // plain is a path without its escapes; one that is no UTF-8 (/%ff) stays as it is.
  function plain(path) {
    try { return decodeURI(path); } catch { return path; }
  }

  function listen() {
    if (events || document.hidden) return;
    const ask = new URLSearchParams({ path: plain(location.pathname), page, style });
    if (location.pathname.startsWith('/_preview/')) ask.set('path', location.pathname + location.search);
    if (at) ask.set('at', at);
    events = new EventSource(`/_preview/events?${ask}`);
    events.onopen = () => { retry = 0; };
    events.onmessage = (e) => heard(e.data);
    events.onerror = () => {
      // A server that is not there, or says no, is asked again, less and less often.
      if (events?.readyState !== EventSource.CLOSED) return;
      events = null;
      retry = Math.min(retry + 1, 10);
      setTimeout(listen, 300 * retry);
    };
  }

  function stop() {
    events?.close();
    events = null;
  }

  // A browser opens six connections to one server at most: only tabs that are looked at hold one.
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : listen()));
  addEventListener('pagehide', stop);
  addEventListener('pageshow', (e) => { if (e.persisted) listen(); });

  document.documentElement.append(host);
  recall();
  listen();

  const wish = document.getElementById('gz-follow');
  if (wish) {
    try { wish.checked = localStorage.getItem(FOLLOW) === '1'; } catch { wish.disabled = true; }
    wish.addEventListener('change', () => {
      if (wish.checked) localStorage.setItem(FOLLOW, '1'); else localStorage.removeItem(FOLLOW);
    });
  }
})();
