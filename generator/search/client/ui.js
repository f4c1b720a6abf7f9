// The search page and the search box of every page. A page loads this module alone; the engine follows when somebody searches, highlight.js when the
// page was opened from a result (?s=…).
//
// What it expects of the theme is written in docs/search-page.md: elements with data-s-box, data-s-page and so on; what it makes has classes s-….
// All text goes into the page as text. Nothing typed leaves the device; recent queries stay in localStorage.

const here = new URL('./', import.meta.url), PER_PAGE = 10, RECENT = 'gongzhi.recent';
let engine, texts;

// say gives a text of the interface, with values in the places of {0} and so on: in the language of the page, if that has its own (#_say).
export function say(text, ...values) {
  texts ??= JSON.parse(document.querySelector('#_say')?.textContent ?? '{}');
  return (texts[text] ?? text).replace(/\{(\d)\}/g, (_, i) => values[i]);
}
const load = () => (engine ??= import('./search.js').catch(error => { engine = undefined; throw error; }));

function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined || v === false) continue;
    if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
    else e.setAttribute(k, v === true ? '' : v);
  }
  e.append(...children.filter(c => c != null));
  return e;
}

// markup turns the engine's HTML, in which only <mark> is markup, into nodes without ever parsing it as HTML.
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
export function markup(html) {
  const text = s => s.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name]);
  return html.split('<mark>').flatMap((part, i) => {
    if (!i) return [text(part)];
    const [inside, outside = ''] = part.split('</mark>');
    return [h('mark', {}, text(inside)), text(outside)];
  });
}

// link is the address of a hit with the words to highlight there.
export function link(hit, words) {
  const url = new URL(hit.url, location.href);
  if (words.length) url.searchParams.set('s', words.join(' '));
  return url.href;
}

// wordsOf are the words to highlight on a page that an answer leads to.
const wordsOf = r => (r.instead ? r.instead.split(' ') : r.words);

// foundBy says by what other words an answer was found: a question that is answered by its own words needs no excuse.
const foundBy = (r, said) => r.instead.split(' ').every(w => r.words.some(word => word.includes(w))) ? say('这是{0}的结果', insteadOf(r)) : say('没有原样写着{0}的记录，这是{1}的结果', said, insteadOf(r));

// insteadOf says what the related pages of an answer were found by.
const insteadOf = r => r.among.length ? say('{0}中“{1}”', r.among.map(type => say(type)).join('、'), r.instead) : say('“{0}”', r.instead);

const recent = {
  list() { try { return JSON.parse(localStorage.getItem(RECENT)).filter(q => typeof q === 'string'); } catch { return []; } },
  add(q) { q = q.trim(); if (q) this.save([q, ...this.list().filter(x => x !== q)].slice(0, 8)); },
  save(list) { try { list.length ? localStorage.setItem(RECENT, JSON.stringify(list)) : localStorage.removeItem(RECENT); } catch { /* private browsing */ } },
};

// typed calls act when the text of an input has changed: not in the middle of a composition, and not for every key.
function typed(input, act, delay = 150) {
  let timer, composing = false;
  const later = () => { clearTimeout(timer); timer = setTimeout(act, delay); };
  input.addEventListener('compositionstart', () => { composing = true; clearTimeout(timer); });
  input.addEventListener('compositionend', () => { composing = false; later(); });
  input.addEventListener('input', event => { if (!composing && !event.isComposing) later(); });
  return { cancel: () => clearTimeout(timer), get composing() { return composing; } };
}

function entry(hit, words, props = {}) {
  return h('a', { class: 's-link', href: link(hit, words), ...props }, h('span', { class: 's-title' }, ...markup(hit.titleHTML)),
    h('span', { class: 's-meta' }, [say(hit.type), hit.date].filter(Boolean).join(' · ')));
}

// ---- the box on every page ----

let boxes = 0;

function box(form) {
  const input = form.querySelector('input[name=q]'), id = `s-popup-${++boxes}`;
  const popup = h('div', { class: 's-popup', id, role: 'listbox', 'aria-label': say('搜索建议'), hidden: true });
  const status = h('p', { class: 's-sr', role: 'status' });
  form.append(popup, status);
  for (const [k, v] of Object.entries({ role: 'combobox', autocomplete: 'off', 'aria-expanded': 'false', 'aria-controls': id, 'aria-autocomplete': 'list' })) input.setAttribute(k, v);
  let controller, options = [], active = -1;

  const close = () => { popup.hidden = true; input.setAttribute('aria-expanded', 'false'); pick(-1); };
  const pick = i => {
    options[active]?.setAttribute('aria-selected', 'false');
    active = i;
    options[i]?.setAttribute('aria-selected', 'true');
    options[i]?.scrollIntoView({ block: 'nearest' });
    if (options[i]) input.setAttribute('aria-activedescendant', options[i].id); else input.removeAttribute('aria-activedescendant');
  };
  const show = list => {
    options = list;
    options.forEach((o, i) => { o.id = `${id}-${i}`; o.setAttribute('role', 'option'); o.setAttribute('aria-selected', 'false'); o.tabIndex = -1; });
    popup.replaceChildren(...options);
    active = -1;
    input.removeAttribute('aria-activedescendant');
    popup.hidden = !list.length;
    input.setAttribute('aria-expanded', String(!!list.length));
  };
  const all = (q, text) => h('a', { class: 's-all', href: new URL(`?q=${encodeURIComponent(q)}`, form.action).href }, text);
  const run = async () => {
    controller?.abort();
    const q = input.value.trim(), { signal } = controller = new AbortController();
    if (!q) { status.textContent = ''; show(document.activeElement === input ? recent.list().map(r => all(r, r)) : []); return; }
    try {
      const { search } = await load(), r = await search(q, { limit: 6, passages: false, signal });
      if (signal.aborted) return;
      const hits = r.total ? [...r.best, ...r.hits].slice(0, 6) : r.related;
      const near = r.instead ? foundBy(r, say('“{0}”', q)) : say('没有完全相同的，这些相近');
      status.textContent = r.total ? say('找到 {0} 条结果', r.total) : near;
      show([...hits.map(x => { const a = entry(x, wordsOf(r)); a.addEventListener('click', () => recent.add(q)); return a; }), all(q, r.total ? say('查看全部 {0} 条结果', r.total) : hits.length ? near : say('没有找到，去搜索页看看别的入口'))]);
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = message(error);
      show([all(q, message(error))]);
    }
  };
  const typing = typed(input, run);
  input.addEventListener('focus', () => { load().catch(() => {}); if (!input.value.trim()) run(); else if (options.length) { popup.hidden = false; input.setAttribute('aria-expanded', 'true'); } });
  input.addEventListener('keydown', event => {
    if (typing.composing || event.isComposing) return;
    if (event.key === 'Escape') { if (popup.hidden) input.value = ''; close(); event.preventDefault(); }
    if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && options.length) {
      event.preventDefault();
      popup.hidden = false;
      input.setAttribute('aria-expanded', 'true');
      const step = event.key === 'ArrowDown' ? 1 : -1;
      pick((active + step + options.length + (active < 0 && step < 0 ? 1 : 0)) % options.length);
    }
    if (event.key === 'Enter' && active >= 0 && !popup.hidden) { event.preventDefault(); options[active].click(); }
  });
  form.addEventListener('focusout', event => { if (!form.contains(event.relatedTarget)) close(); });
  popup.addEventListener('mousedown', event => event.preventDefault()); // keeps the focus, so that the click arrives
  form.addEventListener('submit', () => { typing.cancel(); controller?.abort(); recent.add(input.value); });
}

const message = error => say(error?.name === 'SearchError' ? error.message : '搜索出了问题，请重试。');

// ---- the search page ----

function page(root) {
  const form = root.querySelector('[data-s-form]'), input = form.querySelector('input[name=q]');
  const part = name => root.querySelector(`[data-s-${name}]`) ?? root.appendChild(h('div', { [`data-s-${name}`]: true }));
  const status = part('status'), list = part('results'), pages = part('pages'), facetBox = part('facets'), tools = part('tools');
  status.setAttribute('role', 'status');
  status.classList.add('s-status');
  const answer = list.appendChild(h('p', { class: 's-answer', hidden: true }));
  const first = list.appendChild(h('ul', { class: 's-results s-best', 'aria-label': say('名称相同的'), hidden: true })), results = list.appendChild(h('ol', { class: 's-results' })), notes = list.appendChild(h('div', { class: 's-notes' }));
  const sort = h('select', { class: 's-sort', 'aria-label': say('排序') }, h('option', { value: 'relevance' }, say('最相关')), h('option', { value: '-date' }, say('最新')), h('option', { value: 'date' }, say('最早')));
  tools.replaceChildren(sort);
  const panel = h('details', { class: 's-facets' }, h('summary', {}, say('筛选')), h('div', { class: 's-facet-list' }));
  facetBox.replaceChildren(panel);
  let state, controller, busy, unfinished; // unfinished: the words in the box are being typed

  // The state of the page is its URL: q, sort, page, and f.KEY for each value of a filter (a range: from-to).
  const read = () => {
    const p = new URLSearchParams(location.search), filters = Object.create(null); // a key may be constructor
    for (const [k, v] of p) if (k.startsWith('f.')) (filters[k.slice(2)] ??= []).push(v);
    return { q: p.get('q') ?? '', sort: ['date', '-date'].includes(p.get('sort')) ? p.get('sort') : 'relevance', page: Math.max(1, Math.min(1e6, parseInt(p.get('page'), 10) || 1)), filters };
  };
  const address = s => {
    const p = new URLSearchParams();
    if (s.q) p.set('q', s.q);
    if (s.sort !== 'relevance') p.set('sort', s.sort);
    for (const [k, values] of Object.entries(s.filters)) for (const v of values) p.append('f.' + k, v);
    if (s.page > 1) p.set('page', s.page);
    const text = p.toString();
    return location.pathname + (text && '?' + text);
  };
  const go = (change, how = 'pushState') => { // a new state, and its place in the history
    typing.cancel();
    state = { ...state, page: 1, ...change };
    if (address(state) !== location.pathname + location.search) history[how](null, '', address(state));
    run();
  };
  const restore = () => { state = read(); unfinished = !state.q; if (input.value !== state.q) input.value = state.q; sort.value = state.sort; run(); };

  async function run() {
    controller?.abort();
    const { signal } = controller = new AbortController(), s = state;
    clearTimeout(busy);
    const hasFilters = Object.keys(s.filters).length > 0;
    if (!s.q.trim() && !hasFilters) { idle(); return; }
    // What was found before stays until the next answer is there; only a slow one says that it is under way.
    busy = setTimeout(() => { root.setAttribute('aria-busy', 'true'); status.textContent = say('正在搜索…'); }, 300);
    try {
      const { search, fields } = await load();
      const kinds = await fields(), filters = Object.create(null);
      for (const f of kinds) if (s.filters[f.key]) filters[f.key] = f.range ? s.filters[f.key][0].split('-', 2) : s.filters[f.key];
      const wantFacets = panel.open || hasFilters;
      const r = await search(s.q, { filters, sort: s.sort, offset: (s.page - 1) * PER_PAGE, limit: PER_PAGE, facets: wantFacets, signal });
      if (signal.aborted) return;
      if (r.total && !r.hits.length) { go({ page: Math.ceil(r.total / PER_PAGE) }, 'replaceState'); return; }
      show(s, r, kinds, wantFacets);
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = message(error);
      results.replaceChildren();
      first.hidden = answer.hidden = true;
      pages.replaceChildren();
      notes.replaceChildren(h('p', { class: 's-error' }, message(error)), h('button', { type: 'button', class: 's-retry', onclick: run }, say('重试')));
    } finally {
      if (!signal.aborted) { clearTimeout(busy); root.removeAttribute('aria-busy'); }
    }
  }

  // yearOf is the link that a query with a year is first answered by: to that year of the chronicle, if the theme's links say that it has one.
  const yearOf = q => {
    const year = /(?:^|\D)((?:1[89]|20)\d\d)(?!\d)/.exec(q.normalize('NFKC'))?.[1], link = year && document.querySelector(`a[data-years~="${year}"]`);
    if (!link) return [];
    const url = new URL(link.href);
    url.hash = `y${year}`;
    return [h('a', { class: 's-year', href: url.href }, say('{0}年的大事', year))];
  };

  function idle() {
    first.hidden = answer.hidden = true;
    results.replaceChildren();
    pages.replaceChildren();
    status.textContent = '';
    root.removeAttribute('aria-busy');
    panel.hidden = sort.hidden = true;
    const queries = recent.list();
    notes.replaceChildren(...(queries.length ? [h('div', { class: 's-recent' }, h('h2', {}, say('最近搜索（只存在这台设备上）')),
      h('ul', {}, ...queries.map(q => h('li', {}, choice(q, { q })))), h('button', { type: 'button', onclick: () => { recent.save([]); idle(); input.focus(); } }, say('清除记录')))] : []));
  }

  // choice is a link to another state of the page.
  const choice = (text, change, props = {}) => {
    const next = { ...state, page: 1, ...change };
    return h('a', { href: address(next), ...props, onclick: event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      input.value = next.q;
      go(next);
      if (props.class === 's-page-link') { root.scrollIntoView(); results.querySelector('a')?.focus({ preventScroll: true }); }
    } }, text);
  };

  // The passages of the first hits come with the answer, the others when the reader gets there.
  const seen = new IntersectionObserver(entries => entries.forEach(async ({ target, isIntersecting }) => {
    if (!isIntersecting) return;
    seen.unobserve(target);
    const { passage } = await load(), better = await passage(hits.get(target)).catch(() => {});
    if (better) target.querySelector('.s-excerpt').replaceChildren(...markup(better));
  })), hits = new WeakMap();
  const item = (hit, r, s) => {
    const li = h('li', { class: 's-hit' }, entry(hit, wordsOf(r), { onclick: () => recent.add(s.q) }), h('p', { class: 's-excerpt' }, ...markup(hit.excerpt)));
    hits.set(li, hit);
    seen.observe(li);
    return li;
  };

  function show(s, r, kinds, withFacets) {
    panel.hidden = sort.hidden = false;
    const said = r.words.map(w => say('“{0}”', w)).join(say('、')), last = Math.ceil(r.total / PER_PAGE);
    results.start = (s.page - 1) * PER_PAGE + 1;
    results.replaceChildren(...r.hits.map(hit => item(hit, r, s)));
    const named = r.total ? r.best : (r.related ?? []).slice(0, r.ahead);
    first.replaceChildren(...named.map(hit => item(hit, r, s)));
    first.hidden = !named.length;
    answer.replaceChildren(...(s.page === 1 && !Object.keys(s.filters).length ? yearOf(s.q) : []));
    answer.hidden = !answer.firstChild;
    status.textContent = r.total ? say('找到 {0} 条结果', r.total) + (last > 1 ? say('，第 {0} 页，共 {1} 页', s.page, last) : '') : said ? say('没有找到{0}', said) : say('没有找到');
    notes.replaceChildren();
    if (r.ignored.length) notes.append(h('p', { class: 's-ignored' }, say('搜索的字太多，没有用到：{0}', r.ignored.join(' '))));
    if (!r.total) nothing(s, r, said);
    pages.replaceChildren();
    if (last > 1) {
      const numbers = [...new Set([1, s.page - 1, s.page, s.page + 1, last])].filter(n => n > 0 && n <= last);
      const to = (n, text, props) => choice(text, { page: n }, { class: 's-page-link', ...props });
      pages.append(h('nav', { class: 's-pages', 'aria-label': say('结果分页') }, s.page > 1 ? to(s.page - 1, say('上一页'), { rel: 'prev' }) : null,
        ...numbers.flatMap((n, i) => [i && n > numbers[i - 1] + 1 ? h('span', {}, '…') : null, to(n, String(n), n === s.page ? { 'aria-current': 'page' } : { 'aria-label': say('第 {0} 页', n) })]),
        s.page < last ? to(s.page + 1, say('下一页'), { rel: 'next' }) : null));
    }
    if (withFacets) facets(s, r.facets, kinds);
  }

  // nothing says what was searched, shows what is near, and offers queries that have results.
  function nothing(s, r, said) {
    if (r.unfiltered) {
      notes.append(h('div', { class: 's-offers' }, h('ul', {}, h('li', {}, choice(say('去掉筛选条件，有 {0} 条', r.unfiltered), { filters: Object.create(null) })))));
      return;
    }
    if (r.instead) status.textContent = foundBy(r, said);
    else if (!answer.hidden) status.textContent = say('没有原样写着{0}的记录，可以先看这一年', said);
    const why = { sound: '读音相同：{0}', near: '差一个字：{0}', part: '只搜：{0}' };
    const offers = r.instead ? [choice(say('搜{0}', insteadOf(r)), { q: r.instead, filters: r.among.length ? { type: r.among } : Object.create(null) })] : r.offers.map(o => choice(say(why[o.why] ?? '{0}', o.query), { q: o.query }));
    const tries = offers.length && h('div', { class: 's-offers' }, h('p', {}, say('可以试试：')), h('ul', {}, ...offers.map(o => h('li', {}, o))));
    if (tries && !r.instead) notes.append(tries);
    const rest = r.related.slice(r.ahead);
    if (rest.length) notes.append(h('h2', {}, r.instead ? say('{0}的结果', insteadOf(r)) : say('相近的')), h('ol', { class: 's-results s-related' }, ...rest.map(hit => item(hit, r, s))));
    else if (!r.ahead) {
      const elsewhere = document.querySelector('#elsewhere');
      notes.append(h('p', { class: 's-elsewhere' }, said ? say('没有相近的内容。可以少写几个字，') : '', elsewhere ? h('a', { href: '#elsewhere' }, say('从其他入口查找')) : h('a', { href: new URL('..', here).href }, say('从首页查找')), say('。')));
    }
    if (tries && r.instead) notes.append(tries);
  }

  function facets(s, counts, kinds) {
    const focused = document.activeElement?.getAttribute('data-s-value');
    const groups = kinds.map(({ key, label, range }) => {
      const values = Object.hasOwn(counts, key) ? counts[key] : [], chosen = s.filters[key] ?? [];
      const set = list => { const filters = Object.assign(Object.create(null), state.filters, { [key]: list }); if (!list.length) delete filters[key]; go({ filters }); };
      if (!values.length && !chosen.length) return null;
      const old = panel.querySelector(`[data-s-facet="${CSS.escape(key)}"]`);
      if (range && old?.contains(document.activeElement)) return old; // somebody is typing in it
      if (range) {
        const [from = '', to = ''] = (chosen[0] ?? '').split('-', 2), numbers = values.map(v => +v.value).filter(n => !isNaN(n));
        const field = (value, name) => h('input', { type: 'number', inputmode: 'numeric', value, 'aria-label': `${say(label)} ${say(name)}`, 'data-s-value': `${key}${name}`, placeholder: String(numbers.length ? (name === '从' ? Math.min(...numbers) : Math.max(...numbers)) : '') });
        const a = field(from, '从'), b = field(to, '到');
        const change = () => set(a.value || b.value ? [`${a.value}-${b.value}`] : []);
        a.addEventListener('change', change);
        b.addEventListener('change', change);
        return h('fieldset', { class: 's-facet', 'data-s-facet': key }, h('legend', {}, say(label)), a, say(' 至 '), b);
      }
      const missing = chosen.filter(v => !values.some(x => x.value === v)).map(value => ({ value, count: 0 }));
      const rows = [...missing, ...values].map(({ value, count }, i) => h('label', { class: 's-value', hidden: i >= 12 && !chosen.includes(value) },
        h('input', { type: 'checkbox', checked: chosen.includes(value), 'data-s-value': key + value, onchange: event => set(event.target.checked ? [...chosen, value] : chosen.filter(v => v !== value)) }), ` ${key === 'type' ? say(value) : value} `, h('span', { class: 's-count' }, String(count))));
      const more = rows.some(r => r.hidden) && h('button', { type: 'button', class: 's-more', onclick: event => { rows.forEach(r => { r.hidden = false; }); event.target.remove(); } }, say('更多'));
      return h('fieldset', { class: 's-facet' }, h('legend', {}, say(label)), ...rows, more || null);
    });
    const place = panel.querySelector('.s-facet-list'), kept = groups.find(g => g?.parentNode === place);
    if (!kept) place.replaceChildren(...groups.filter(Boolean));
    else { // moving the element that has the focus would take it away
      const at = groups.indexOf(kept);
      [...place.children].forEach(c => c !== kept && c.remove());
      kept.before(...groups.slice(0, at).filter(Boolean));
      kept.after(...groups.slice(at + 1).filter(Boolean));
    }
    if (focused && !kept) [...panel.querySelectorAll('[data-s-value]')].find(e => e.getAttribute('data-s-value') === focused)?.focus();
  }

  // What is typed on is one place in the history, like what was asked before it: who goes back finds that again.
  const typing = typed(input, () => {
    const q = input.value, on = unfinished && (q.startsWith(state.q) || state.q.startsWith(q));
    go({ q }, on ? 'replaceState' : 'pushState');
    unfinished = true;
  });
  form.addEventListener('submit', event => { event.preventDefault(); if (typing.composing) return; recent.add(input.value); go({ q: input.value }); unfinished = false; });
  sort.addEventListener('change', () => go({ sort: sort.value }));
  panel.addEventListener('toggle', () => { if (panel.open && state) run(); });
  window.addEventListener('popstate', restore);
  root.addEventListener('keydown', event => {
    if (typing.composing || event.isComposing) return;
    if (event.key === 'Escape' && event.target === input) { input.value = ''; go({ q: '' }, 'replaceState'); return; }
    const links = [...results.querySelectorAll('.s-link')], i = links.indexOf(document.activeElement);
    if (event.key === 'ArrowDown' && (event.target === input || i >= 0) && links[i + 1]) { links[i + 1].focus(); event.preventDefault(); }
    if (event.key === 'ArrowUp' && i >= 0) { (links[i - 1] ?? input).focus(); event.preventDefault(); }
    if (event.key === 'Escape' && i >= 0) input.focus();
  });
  const before = input.value; // typed while this program was on its way
  restore();
  if (before && before !== state.q) { input.value = before; go({ q: before }, 'replaceState'); }
  if (Object.keys(state.filters).length) panel.open = true;
}

// ---- the page that stands where there is none ----

// missing offers the pages that are called like the address: /people/mengtai or /孟泰. Nothing is said if there is none.
async function missing(root) {
  const parts = decodeURI(location.pathname).split('/').filter(part => part && !/^(index|page|\d+)(\.html?)?$/.test(part));
  const words = parts.at(-1)?.replace(/\.html?$/, '').replace(/[-_+%]+/g, ' ').trim();
  if (!words || words === '404') return;
  const { search } = await load(), options = { limit: 5, passages: false };
  let r = await search(words.replaceAll(' ', ''), options);
  if (!r.total && words.includes(' ')) r = await search(words, options);
  const hits = r.total ? [...r.best, ...r.hits].slice(0, 5) : r.related;
  if (hits.length) root.append(h('h2', {}, say('要找的也许是')), h('ul', { class: 's-results' }, ...hits.map(hit => h('li', { class: 's-hit' }, entry(hit, [])))));
}

// ---- everything ----

function start() {
  document.querySelectorAll('[data-s-box]').forEach(box);
  document.querySelectorAll('[data-s-page]').forEach(page);
  document.querySelectorAll('[data-s-missing]').forEach(root => { missing(root).catch(() => {}); });
  // A theme that loads this file only when somebody searches has to answer the key itself; then it is answered here no more.
  document.addEventListener('keydown', event => {
    const t = event.target;
    if (event.defaultPrevented || event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName)) return;
    const input = document.querySelector('[data-s-form] input[name=q]') ?? document.querySelector('[data-s-box] input[name=q]');
    if (input) { event.preventDefault(); input.focus(); input.select(); }
  });
  if (new URLSearchParams(location.search).get('s')) import('./highlight.js').then(m => m.highlight()).catch(() => {});
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start); else start();
