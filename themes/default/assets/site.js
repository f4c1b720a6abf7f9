/* What a page can do beyond being read; every page works without it. A classic script in <head>, not deferred:
   the reader's font size must be set before the first paint. */
(() => {
  'use strict';
  const root = document.documentElement;
  const KEY = 'gz-size';
  const SIZES = [['s', '小'], ['', '中'], ['l', '大']];

  let size = '';
  try { size = localStorage.getItem(KEY) || ''; } catch { /* storage is closed to us */ }
  const setSize = (v) => {
    if (v) root.dataset.size = v; else delete root.dataset.size;
  };
  setSize(size);

  /** A text of the interface with values in the places of {0} and so on, in the language of the page, if that has its own. */
  let texts;
  const say = (text, ...values) => {
    const own = document.getElementById('_say');
    texts = texts || JSON.parse(own ? own.textContent : '{}');
    return (texts[text] || text).replace(/\{(\d)\}/g, (_, i) => values[i]);
  };

  const make = (tag, props, ...children) => {
    const el = Object.assign(document.createElement(tag), props);
    el.append(...children);
    return el;
  };

  function tools(box) {
    const sizes = SIZES.map(([v, text]) => {
      const b = make('button', { type: 'button', textContent: say(text), title: say('字号：{0}', say(text)) });
      b.setAttribute('aria-label', say('字号{0}', say(text)));
      b.setAttribute('aria-pressed', String(v === size));
      b.addEventListener('click', () => {
        size = v;
        setSize(v);
        try { if (v) localStorage.setItem(KEY, v); else localStorage.removeItem(KEY); } catch { /* this page alone */ }
        for (const [i, [w]] of SIZES.entries()) sizes[i].setAttribute('aria-pressed', String(w === v));
      });
      return b;
    });
    const print = make('button', { type: 'button', className: 'print', textContent: say('打印') });
    print.addEventListener('click', () => window.print());
    if (document.body.classList.contains('k-home')) box.append(today());
    box.append(...sizes, print);
  }

  /** The visitor's date as under a newspaper's masthead, with the lunar one where the browser knows it. */
  function today() {
    const now = new Date();
    const p = make('p', {}, new Intl.DateTimeFormat(say('zh-CN'), { dateStyle: 'full' }).format(now).replace('星期', '　星期'));
    try {
      const lunar = new Intl.DateTimeFormat('zh-CN-u-ca-chinese', { dateStyle: 'long' }).format(now);
      const m = /[甲乙丙丁戊己庚辛壬癸]\S年.*/.exec(lunar);
      if (m) p.append(make('span', { className: 'lunar', textContent: `　${m[0]}` }));
    } catch { /* no Chinese calendar */ }
    return p;
  }

  /** Another page of the site, parsed; in an edition that opens from a folder it comes from there. */
  async function pageAt(url) {
    const offline = globalThis.gongzhiOffline;
    const answer = offline ? undefined : await fetch(url);
    if (answer && !answer.ok) return undefined;
    return new DOMParser().parseFromString(await (answer ? answer.text() : offline.pageAt(url)), 'text/html');
  }

  /** Puts the reader's day into 历史上的今天, out of the static page of its month; or the nearest day that has something, and says so. */
  async function onThisDay(section) {
    const link = section.querySelector(':scope > p a');
    const now = new Date();
    const two = (n) => String(n).padStart(2, '0');
    const at = (id) => Date.UTC(2024, Number(id.slice(0, 2)) - 1, Number(id.slice(2))) / 864e5; // of a leap year
    const today = two(now.getMonth() + 1) + two(now.getDate());
    let best, far = 1e9;
    for (const id of section.dataset.days.split(' ')) {
      const ahead = (at(id) - at(today) + 366) % 366;
      const d = Math.min(2 * ahead, 2 * (366 - ahead) + 1); // of two as near, the one to come
      if (d < far) [best, far] = [id, d];
    }
    const url = new URL(`${best.slice(0, 2)}/`, link.href);
    const page = await pageAt(url);
    const list = page && page.querySelector(`#d${best} .annals`);
    if (!list) return;
    const entries = [...list.children].slice(0, 3).map((li) => document.adoptNode(li));
    for (const a of entries.flatMap((li) => [...li.querySelectorAll('a')])) a.href = new URL(a.getAttribute('href'), url).href;
    const of = make('span', { className: 'day-of', textContent: page.querySelector(`#d${best}`).querySelector('h2, h3').textContent });
    section.querySelector('h2').replaceChildren(far ? say('历史上的近日 ') : say('历史上的今天 '), of);
    section.querySelector('.annals').replaceChildren(...entries);
    if (far) link.parentNode.prepend(make('span', { className: 'near', textContent: say('今天（{0}月{1}日）没有记载，这是最近的一天。', now.getMonth() + 1, now.getDate()) }));
  }

  /** One of the people for the reader's day: the same for everybody on it, another one tomorrow. */
  async function oneADay(section) {
    const people = section.dataset.people.split(' ');
    const now = new Date();
    const list = section.querySelector('h2 a');
    const url = new URL(`${people[Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / 864e5 % people.length]}/`, list.href);
    const who = section.querySelector('.who');
    if (url.href !== who.querySelector('a.name').href) {
      const page = await pageAt(url);
      const h1 = page && page.querySelector('.record h1');
      if (!h1) return;
      const text = (q) => { const el = page.querySelector(q); return el ? el.textContent.trim() : ''; };
      const face = page.querySelector('.record figure img');
      const img = face && document.adoptNode(face);
      if (img) {
        // In an edition that opens from a folder, addresses are relative to the page that they stand on.
        for (const k of ['src', 'srcset']) if (img.getAttribute(k)) img.setAttribute(k, img.getAttribute(k).replace(/(^|,\s*)([^\s,]\S*)/g, (_, before, to) => before + new URL(to, url).href));
        Object.assign(img, { sizes: '9rem', alt: '', loading: 'lazy' });
      }
      const of = make('p', { className: 'of' });
      of.append(...[...page.querySelectorAll('.facts .of > span')].map((el) => document.adoptNode(el)));
      who.replaceChildren(...(img ? [make('div', { className: 'face' }, img)] : []),
        make('p', {}, make('a', { className: 'name', href: url.href, textContent: h1.textContent }), make('span', { className: 'life', textContent: text('.facts .life') })),
        of, make('p', { className: 'sum', textContent: text('.titles .lede') || text('.body p') }));
    }
    list.textContent = say('今日{0}', list.textContent);
  }

  /** Search is fetched when somebody is about to search, or came here from a result (?s=…). */
  function searching() {
    const form = document.querySelector('form[data-s-box], form[data-s-form]');
    if (!form) return;
    const load = () => globalThis.gongzhiOffline ? globalThis.gongzhiOffline.engine().then((m) => m.ui()) : import(new URL('ui.js', form.action).href);
    if (document.querySelector('[data-s-page], [data-s-missing]') || new URLSearchParams(location.search).has('s')) {
      load().catch(() => { /* the form still leads to the search page */ });
      return;
    }
    const input = form.querySelector('input[name=q]');
    const begin = async () => {
      input.removeEventListener('focus', begin);
      try { await load(); } catch {
        input.addEventListener('focus', begin); // offline; perhaps not for long
        return;
      }
      // What was typed meanwhile has been heard by nobody.
      if (document.activeElement === input) input.dispatchEvent(new Event(input.value ? 'input' : 'focus'));
    };
    input.addEventListener('focus', begin);
  }

  /** Pictures that are links to themselves open over the page; the keys and buttons go on to the others. */
  function pictures() {
    const links = [...document.querySelectorAll('figure > a[href]')].filter((a) => a.querySelector('img'));
    if (!links.length || !window.HTMLDialogElement) return;
    let at = 0;
    const img = make('img', {});
    const text = make('p', {});
    text.setAttribute('aria-live', 'polite');
    const button = (label, act) => {
      const b = make('button', { type: 'button', textContent: label });
      b.addEventListener('click', act);
      return b;
    };
    const show = (i) => {
      at = (i + links.length) % links.length;
      const a = links[at];
      const small = a.querySelector('img');
      const caption = a.parentElement.querySelector('figcaption');
      img.src = a.href;
      img.alt = small.alt;
      const n = links.length > 1 ? `${at + 1}／${links.length}　` : '';
      text.textContent = n + (caption ? caption.textContent : small.alt);
    };
    const bar = make('div', {});
    const dialog = make('dialog', { className: 'view' }, img, bar);
    dialog.setAttribute('aria-label', say('图片'));
    if (links.length > 1) bar.append(button(say('上一幅'), () => show(at - 1)), button(say('下一幅'), () => show(at + 1)));
    bar.append(text, button(say('关闭'), () => dialog.close()));
    dialog.addEventListener('keydown', (e) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
      if (step && links.length > 1) show(at + step);
    });
    let from = 0;
    dialog.addEventListener('pointerdown', (e) => { from = e.clientX; });
    dialog.addEventListener('pointerup', (e) => {
      if (e.target === img && links.length > 1 && Math.abs(e.clientX - from) > 60) show(at + (e.clientX < from ? 1 : -1));
    });
    img.addEventListener('click', (e) => { if (Math.abs(e.clientX - from) < 10) dialog.close(); });
    dialog.addEventListener('close', () => { links[at].focus(); img.removeAttribute('src'); });
    for (const [i, a] of links.entries()) {
      a.addEventListener('click', (e) => {
        if (e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
        e.preventDefault();
        if (!dialog.isConnected) document.body.append(dialog);
        show(i);
        dialog.showModal();
      });
    }
  }

  // A button behind each text that readers take with them. Without it the text can be marked whole with one click.
  function copying() {
    if (!navigator.clipboard) return; // a page that was opened from a folder, or without https
    for (const el of document.querySelectorAll('[data-copy]')) {
      const button = document.createElement('button'), words = say('复制');
      button.type = 'button';
      button.className = 'copy';
      button.textContent = words;
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(el.textContent);
          button.textContent = say('已复制');
        } catch {
          getSelection().selectAllChildren(el);
          button.textContent = say('已选中，请按 Ctrl+C');
        }
        setTimeout(() => { button.textContent = words; }, 3000);
      });
      button.setAttribute('aria-live', 'polite');
      el.after(button);
    }
  }

  document.addEventListener('DOMContentLoaded', () => {
    copying();
    searching();
    pictures();
    const box = document.getElementById('_tools');
    if (box) tools(box);

    const day = document.getElementById('on-this-day');
    if (day) onThisDay(day).catch(() => { /* the day that the page has stays */ });
    const one = document.getElementById('one-a-day');
    if (one) oneADay(one).catch(() => { /* the one that the page has stays */ });

    // What scrolls sideways must be reachable by keyboard.
    for (const el of document.querySelectorAll('.scroll, .body table, .body pre')) {
      if (el.scrollWidth > el.clientWidth) el.tabIndex = 0;
    }

    document.addEventListener('keydown', (e) => {
      if (e.defaultPrevented || e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
      if (e.target.closest('input, textarea, select, [contenteditable]')) return;
      const input = document.querySelector('main input[type=search]') || document.querySelector('input[type=search]');
      if (!input) return;
      e.preventDefault();
      input.focus();
      input.select();
    });
  });
})();
