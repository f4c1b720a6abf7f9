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

  const make = (tag, props, ...children) => {
    const el = Object.assign(document.createElement(tag), props);
    el.append(...children);
    return el;
  };

  function tools(box) {
    const sizes = SIZES.map(([v, text]) => {
      const b = make('button', { type: 'button', textContent: text, title: `字号：${text}` });
      b.setAttribute('aria-label', `字号${text}`);
      b.setAttribute('aria-pressed', String(v === size));
      b.addEventListener('click', () => {
        size = v;
        setSize(v);
        try { if (v) localStorage.setItem(KEY, v); else localStorage.removeItem(KEY); } catch { /* this page alone */ }
        for (const [i, [w]] of SIZES.entries()) sizes[i].setAttribute('aria-pressed', String(w === v));
      });
      return b;
    });
    const print = make('button', { type: 'button', className: 'print', textContent: '打印' });
    print.addEventListener('click', () => window.print());
    if (document.body.classList.contains('k-home')) box.append(today());
    box.append(...sizes, print);
  }

  /** The visitor's date as under a newspaper's masthead, with the lunar one where the browser knows it. */
  function today() {
    const now = new Date();
    const p = make('p', {}, new Intl.DateTimeFormat('zh-CN', { dateStyle: 'full' }).format(now).replace('星期', '　星期'));
    try {
      const lunar = new Intl.DateTimeFormat('zh-CN-u-ca-chinese', { dateStyle: 'long' }).format(now);
      const m = /[甲乙丙丁戊己庚辛壬癸]\S年.*/.exec(lunar);
      if (m) p.append(make('span', { className: 'lunar', textContent: `　${m[0]}` }));
    } catch { /* no Chinese calendar */ }
    return p;
  }

  /** Fills 历史上的今天 out of the static page of the month: today, or the next day of this or the next month that has something. */
  async function onThisDay(section) {
    const link = section.querySelector('a');
    const now = new Date();
    const two = (n) => String(n).padStart(2, '0');
    const id = `d${two(now.getMonth() + 1)}${two(now.getDate())}`;
    for (const ahead of [0, 1]) {
      const month = two((now.getMonth() + ahead) % 12 + 1);
      const url = new URL(`${month}/`, link.href);
      const offline = globalThis.gongzhiOffline; // an edition that opens from a folder
      const answer = offline ? undefined : await fetch(url);
      if (answer && !answer.ok) continue;
      const page = new DOMParser().parseFromString(await (answer ? answer.text() : offline.pageAt(url)), 'text/html');
      const days = [...page.querySelectorAll('section[id^="d"]')];
      const day = ahead ? days[0] : days.find((d) => d.id >= id);
      const list = day && day.querySelector('.annals');
      if (!list) continue;
      const label = day.querySelector('h2, h3').textContent;
      const entries = [...list.children].slice(0, 4).map((li) => document.adoptNode(li));
      for (const a of entries.flatMap((li) => [...li.querySelectorAll('a')])) a.href = new URL(a.getAttribute('href'), url).href;
      const h = section.querySelector('h2');
      if (ahead || day.id !== id) h.textContent = '历史上的近日';
      h.append(make('span', { className: 'day-of', textContent: label }));
      section.querySelector('p').before(make('ul', { className: 'annals' }, ...entries));
      return;
    }
  }

  /** Search is fetched when somebody is about to search, or came here from a result (?s=…). */
  function searching() {
    const form = document.querySelector('form[data-s-box], form[data-s-form]');
    if (!form) return;
    const load = () => globalThis.gongzhiOffline ? globalThis.gongzhiOffline.engine().then((m) => m.ui()) : import(new URL('ui.js', form.action).href);
    if (document.querySelector('[data-s-page]') || new URLSearchParams(location.search).has('s')) {
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
    dialog.setAttribute('aria-label', '图片');
    if (links.length > 1) bar.append(button('上一幅', () => show(at - 1)), button('下一幅', () => show(at + 1)));
    bar.append(text, button('关闭', () => dialog.close()));
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

  document.addEventListener('DOMContentLoaded', () => {
    searching();
    pictures();
    const box = document.getElementById('_tools');
    if (box) tools(box);

    const day = document.getElementById('on-this-day');
    if (day) onThisDay(day).catch(() => { /* the link to the page of days stays */ });

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
