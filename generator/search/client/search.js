// The search engine of the published site: answers a query from the files beside it, docs/search-format.md, of which
// reader.go is the twin. No dependencies, no WebAssembly, no eval; it works below any base URL, as it looks beside itself.
//
//   import { search } from '…/search/search.js'
//   const { total, hits } = await search('劳动模范', { limit: 10, signal })
//
// Comments are taken off when the site is built.

const BASE = new URL('./', import.meta.url);
const WORDS = 16, UNITS = 64, PASSAGES = 20, EAGER = 3, TITLE = 1, FIELD = 2, BEGINS = 4, ENDS = 8;

// What went wrong, in words for the reader. code: 'network', 'damaged', 'format'.
export class SearchError extends Error {
  constructor(code, cause) {
    super({ network: '连不上搜索数据，请检查网络后重试。', damaged: '搜索数据不完整，可能网站正在更新，请稍后重试。', format: '网站已更新，请刷新页面后再搜索。' }[code], { cause });
    this.name = 'SearchError';
    this.code = code;
  }
}

// ---- numbers and bytes ----

const hex = (bytes, at = 0) => { let s = ''; for (let i = at; i < at + 6; i++) s += (bytes[i] >> 4).toString(16) + (bytes[i] & 15).toString(16); return s; };
const fromBase64 = text => { const s = atob(text), out = new Uint8Array(s.length); for (let i = 0; i < out.length; i++) out[i] = s.charCodeAt(i); return out; };
const be32 = (d, i) => (d[i] << 24 | d[i + 1] << 16 | d[i + 2] << 8 | d[i + 3]) >>> 0;

export function digest(data) {
  let a = 0x9E3779B9, b = 0x85EBCA6B;
  const mix = w => {
    a = Math.imul(a ^ w, 0x2C1B3C6D); a ^= a >>> 15;
    b = Math.imul(b ^ w, 0x5BD1E995); b ^= b >>> 15;
  };
  const whole = data.length & ~3;
  for (let i = 0; i < whole; i += 4) mix(be32(data, i));
  for (let i = whole; i < data.length; i++) mix(256 | data[i]);
  a ^= a >>> 16; a = Math.imul(a, 0x7FEB352D); a ^= a >>> 15;
  return (a >>> 0).toString(16).padStart(8, '0') + (b & 0xFFFF).toString(16).padStart(4, '0');
}

export function riceBits(x, y) { let k = 0; while (k < 30 && x * 2 ** (k + 1) * 23 <= y * 16) k++; return k; }

// A bit stream; past its end it yields zeros, and `damaged` tells.
export class Bits {
  constructor(data, at = 0) { this.data = data; this.at = at; }
  get damaged() { return this.at > this.data.length * 8; }
  peek() { const d = this.data, i = this.at >> 3, s = this.at & 7; return (d[i] << 24 | d[i + 1] << 16 | d[i + 2] << 8 | d[i + 3]) << s | d[i + 4] >> 8 - s; }
  bits(n) { if (!n) return 0; const v = this.peek() >>> 32 - n; this.at += n; return v; }
  rice(k) {
    let q = 0, ones;
    do { ones = Math.clz32(~this.peek()); q += ones; this.at += ones; } while (ones === 32 && !this.damaged);
    this.at++;
    return q * 2 ** k + this.bits(k);
  }
  gamma() {
    const n = Math.clz32(this.peek());
    if (n > 31) { this.at = Infinity; return 1; }
    this.at += n;
    return this.bits(n + 1);
  }
}

// inflate undoes raw deflate, RFC 1951. DecompressionStream would do it too, but waits for a task of its own for each small piece.
export function inflate(data) {
  let at = 0, hold = 0, held = 0, out = new Uint8Array(data.length * 4 + 64), n = 0;
  const bits = k => {
    while (held < k) { if (at >= data.length) throw new Error('deflate'); hold |= data[at++] << held; held += 8; }
    const v = hold & (1 << k) - 1;
    hold >>>= k; held -= k;
    return v;
  };
  // A table says for what comes next, as many bits as the longest code has, the symbol and the length of its code.
  const table = lengths => {
    const most = Math.max(...lengths), count = new Uint16Array(17), next = new Uint16Array(17), entries = new Uint16Array(1 << most);
    for (const l of lengths) if (l) count[l]++;
    for (let l = 1; l < 16; l++) next[l + 1] = next[l] + count[l] << 1;
    lengths.forEach((l, symbol) => {
      if (!l) return;
      let code = 0;
      for (let i = 0, c = next[l]++; i < l; i++, c >>= 1) code = code << 1 | c & 1; // codes come with their first bit lowest
      for (; code < entries.length; code += 1 << l) entries[code] = symbol << 4 | l;
    });
    return { entries, most };
  };
  const decode = ({ entries, most }) => {
    while (held < most && at < data.length) { hold |= data[at++] << held; held += 8; }
    const entry = entries[hold & (1 << most) - 1], l = entry & 15;
    if (!l || l > held) throw new Error('deflate');
    hold >>>= l; held -= l;
    return entry >> 4;
  };
  const room = k => { if (n + k > out.length) { const o = out; out = new Uint8Array((n + k) * 2); out.set(o); } };
  const extra = i => i < 8 || i > 27 ? 0 : (i >> 2) - 1;
  const lengthBase = [], distanceBase = [];
  for (let i = 0, l = 3; i < 28; l += 1 << extra(i++)) lengthBase.push(l);
  lengthBase.push(258);
  for (let i = 0, d = 1; i < 30; d += 1 << (i < 2 ? 0 : (i >> 1) - 1), i++) distanceBase.push(d);
  for (let last = 0; !last;) {
    last = bits(1);
    const kind = bits(2);
    let literals, distances;
    if (kind === 0) {
      at -= held >> 3; // whole bytes that were looked ahead at
      hold = held = 0;
      const k = data[at] | data[at + 1] << 8;
      at += 4;
      if (at + k > data.length) throw new Error('deflate');
      room(k); out.set(data.subarray(at, at + k), n); n += k; at += k;
      continue;
    } else if (kind === 1) {
      const l = new Uint8Array(288).fill(8);
      l.fill(9, 144, 256).fill(7, 256, 280);
      literals = table(l); distances = table(new Uint8Array(30).fill(5));
    } else if (kind === 2) {
      const hl = bits(5) + 257, hd = bits(5) + 1, hc = bits(4) + 4, cl = new Uint8Array(19), l = new Uint8Array(hl + hd);
      for (let i = 0; i < hc; i++) cl[[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15][i]] = bits(3);
      const t = table(cl);
      for (let i = 0; i < hl + hd;) {
        const s = decode(t);
        if (s < 16) l[i++] = s;
        else { const v = s === 16 ? l[i - 1] : 0; for (let r = s === 18 ? 11 + bits(7) : 3 + bits(s - 14); r--;) l[i++] = v; }
      }
      literals = table(l.subarray(0, hl)); distances = table(l.subarray(hl));
    } else throw new Error('deflate');
    for (;;) {
      const s = decode(literals);
      if (s === 256) break;
      room(258);
      if (s < 256) { out[n++] = s; continue; }
      const i = s - 257;
      let length = lengthBase[i] + bits(extra(i));
      const j = decode(distances), distance = distanceBase[j] + bits(j < 2 ? 0 : (j >> 1) - 1);
      if (!(distance <= n)) throw new Error('deflate');
      while (length--) { out[n] = out[n - distance]; n++; }
    }
  }
  return out.subarray(0, n);
}

const json = data => JSON.parse(new TextDecoder().decode(inflate(data)));

// ---- text ----

const IGNORED = 1, LETTER = 2, SIGN = 3;
const KINDS = [48, 57, 2, 97, 122, 2, 0xAA, 0xAA, 2, 0xAD, 0xAD, 1, 0xB0, 0xB0, 2, 0xB2, 0xB3, 2, 0xB5, 0xB5, 2, 0xB9, 0xBA, 2, 0xDF, 0xF6, 2, 0xF8, 0x2FF, 2, 0x300, 0x36F, 1,
  0x370, 0x52F, 2, 0x530, 0x1DFF, 3, 0x1E00, 0x1FFF, 2, 0x200B, 0x200D, 1, 0x2060, 0x2060, 1, 0x2E80, 0x2FDF, 3, 0x3005, 0x3007, 3, 0x3021, 0x3029, 3,
  0x3041, 0x30FA, 3, 0x30FC, 0x312F, 3, 0x31A0, 0x31BF, 3, 0x31F0, 0x31FF, 3, 0x3400, 0x4DBF, 3, 0x4E00, 0x9FFF, 3, 0xA000, 0xD7FF, 3, 0xF900, 0xFAFF, 3,
  0xFE00, 0xFE0F, 1, 0xFEFF, 0xFEFF, 1, 0x20000, 0x3FFFF, 3, 0xE0100, 0xE01EF, 1];
export function kindOf(c) { for (let i = 0; i < KINDS.length; i += 3) if (c <= KINDS[i + 1]) return c >= KINDS[i] ? KINDS[i + 2] : 0; return 0; }

// fold gives the character that stands for c in the index; table is a Map or nothing, then width and ASCII case are folded alone.
export function fold(c, table) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c >= 65 && c <= 90) return c + 32;
  if (c === 0x3000) return 32;
  return table?.get(c) ?? c;
}

// Characters whose fold is known without the table, or shows in finding nothing.
const plain = c => c < 0x80 || c >= 0x2010 && c <= 0x2027 || c >= 0x3000 && c <= 0x3020 || c >= 0x3400 && c <= 0x9FFF || c >= 0xFF01 && c <= 0xFF5E;

// composed tells the characters that are another way to write one or several others: Ⅱ, ①, ㎡, ℃.
const composed = c => c >= 0x2100 && c <= 0x214F || c >= 0x2160 && c <= 0x217F || c >= 0x2460 && c <= 0x24FF || c >= 0x3200 && c <= 0x33FF;
const digit = u => u >= 48 && u <= 57;

// units cuts text at breaks into words, arrays of units.
export function units(text, table) {
  const words = [];
  let word = [], letters = false, own = false;
  const characters = [];
  for (const ch of text) {
    if (composed(ch.codePointAt(0))) [...ch.normalize('NFKC')].forEach((c, i) => characters.push([c, !i]));
    else characters.push([ch, false]);
  }
  for (const [ch, first] of characters) {
    const c = fold(ch.codePointAt(0), table), kind = kindOf(c);
    own ||= first; // what stands for several begins a word of its own, and so does what follows a number: 25m² is 25 and m²
    if (kind === IGNORED) continue;
    if (kind === LETTER && (!letters || own || digit(word.at(-1)) && !digit(c))) word.push(1);
    own = false;
    letters = kind === LETTER;
    if (kind) { const s = String.fromCodePoint(c); for (let i = 0; i < s.length; i++) word.push(s.charCodeAt(i)); }
    else if (word.length) { words.push(word); word = []; }
  }
  if (word.length) words.push(word);
  return words;
}

export const keyOf = (u1, u2) => { const g = (u1 << 16 | u2) >>> 0; return Math.imul(g ^ g >>> 16, 0x9E3779B1) >>> 0; };

const FINALS = 'a ai an ang ao e ei en eng er i ia ian iang iao ie in ing iong iu o ong ou u ua uai uan uang ue ui un uo v ve'.split(' ');

// spellings cuts letters into syllables of pinyin in up to 8 ways; the last syllable may be cut short.
export function spellings(letters) {
  const ways = [];
  const cut = (at, starts) => {
    if (ways.length === 8) return;
    if (at === letters.length) { ways.push(starts); return; }
    const rest = letters.slice(at), initial = /^(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?/.exec(rest)[0], tail = rest.slice(initial.length), here = [...starts, at];
    if (!initial && !/^[aoe]/.test(rest)) return;
    for (let n = Math.min(4, tail.length); n > 0; n--) if (FINALS.includes(tail.slice(0, n))) cut(at + initial.length + n, here);
    if (tail.length < 4 && !FINALS.includes(tail) && (tail || initial) && FINALS.some(f => f.startsWith(tail)) && ways.length < 8) ways.push(here);
  };
  cut(0, []);
  return ways.map(starts => Array.from(letters, (l, i) => (starts.includes(i) ? 0xE000 : 0xE020) + l.charCodeAt(0) - 97));
}

// readings are the ways in which a word may stand in the index: itself, and as pinyin.
export function readings(word) {
  const all = [word], letters = String.fromCharCode(...word.slice(1));
  if (word[0] === 1 && /^[a-z]{2,24}$/.test(letters)) {
    all.push(...spellings(letters));
    if (letters.length <= 6) all.push(Array.from(letters, l => 0xE040 + l.charCodeAt(0) - 97));
  }
  return all;
}

// ---- files ----

class FileError extends Error {}

// offline is there in an edition that opens from a folder (offline.js).
const offline = globalThis.gongzhiOffline;

async function fetched(name, { signal, fresh }) {
  if (offline) return offline.file(name).catch(() => { throw Object.assign(new FileError(name), { code: 'damaged' }); });
  let response;
  try { response = await fetch(new URL(name, BASE), { signal, cache: fresh ? 'reload' : name === 'index.json' ? 'no-cache' : 'default' }); } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw Object.assign(new FileError(name), { code: 'network' });
  }
  if (!response.ok) throw Object.assign(new FileError(name), { code: response.status >= 500 ? 'network' : 'damaged' });
  try { return new Uint8Array(await response.arrayBuffer()); } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw Object.assign(new FileError(name), { code: 'network' });
  }
}

// An Index is one root and what was read by it, so that an answer never mixes two publishes.
class Index {
  static async open(fresh) {
    const index = new Index(), data = await fetched('index.json', { fresh });
    index.fresh = fresh;
    index.cache = new Map();
    index.cardsByDoc = new Map();
    const text = new TextDecoder().decode(data), check = /,"check":"([0-9a-f]{12})"}\n$/.exec(text), damaged = Object.assign(new FileError('index.json'), { code: 'damaged' });
    let root;
    try { root = index.root = JSON.parse(text); } catch { throw damaged; }
    if (root?.format !== 2) throw new SearchError('format');
    if (!check || digest(data.subarray(0, data.length - check[0].length)) !== check[1]) throw damaged;
    index.names = root.names && fromBase64(root.names);
    index.pages = root.pages && fromBase64(root.pages);
    return index;
  }

  // once keeps what make returns, the newest 500 of them. What was not fetched is forgotten.
  once(key, make) {
    const { cache } = this;
    let value = cache.get(key);
    if (value) { cache.delete(key); cache.set(key, value); return value; }
    value = make();
    cache.set(key, value);
    value.catch(() => cache.delete(key));
    if (cache.size > 500) cache.delete(cache.keys().next().value);
    return value;
  }

  file(name, parse = data => data) {
    return this.once(name, async () => {
      const data = await fetched(name + '.bin', { fresh: this.fresh });
      if (digest(data) !== name) throw Object.assign(new FileError(name), { code: 'damaged' });
      try { return parse(data); } catch (cause) { throw Object.assign(new FileError(name, { cause }), { code: 'damaged' }); }
    });
  }

  async numbered(i, parse) {
    if (this.names) return this.file(hex(this.names, i * 6), parse);
    const page = await this.file(hex(this.pages, (i >> 10) * 6));
    return this.file(hex(page, (i & 1023) * 6), parse);
  }

  // gram returns { df, docs, info, positions() }, or nothing if no document has it.
  async gram(u1, u2) {
    const key = keyOf(u1, u2), s = this.root.shardBits, low = 32 - s, number = s ? key >>> low : 0;
    const shard = await this.numbered(number, data => this.shard(data, number, low));
    const entry = shard.get(key);
    if (!entry) return;
    if (entry.own) return this.file(entry.own, data => this.ownFile(data, entry.df));
    if (!entry.docs) {
      const r = new Bits(entry.data, entry.at);
      try { this.keepCards(entry.cards); } catch (cause) { throw Object.assign(new FileError('cards', { cause }), { code: 'damaged' }); }
      Object.assign(entry, this.documents(r, entry.df));
      const at = r.at;
      entry.positions = async () => entry.places ??= this.places(new Bits(entry.data, at), entry.df);
    }
    return entry;
  }

  // shard maps each key to where its list begins.
  shard(data, number, low) {
    const r = new Bits(data), entries = r.bits(24), k = riceBits(entries, 2 ** low), grams = new Map();
    const kn = this.root.positionBits, base = number * 2 ** low;
    for (let i = 0, rest = -1; i < entries; i++) {
      rest += 1 + r.rice(k);
      const df = r.gamma(), entry = { df };
      grams.set(base + rest, entry);
      if (r.bits(1)) {
        entry.own = r.bits(24).toString(16).padStart(6, '0') + r.bits(24).toString(16).padStart(6, '0');
      } else {
        if (df >= 128) {
          const n = r.gamma() - 1;
          if (n) { const from = r.at + 7 >> 3; entry.cards = data.subarray(from, from + n); r.at = (from + n) * 8; }
        }
        entry.data = data; entry.at = r.at;
        const kd = riceBits(df, this.root.documents), g = Math.imul(base + rest, 0x0E8B2F51) >>> 0;
        for (let n = df; n--;) { r.rice(kd); if (r.bits(1) && r.bits(4) & TITLE) { const places = r.gamma(); r.at += 2 * places; } if (r.damaged) break; }
        if ((g ^ g >>> 16) >>> 16) for (let n = df; n-- && !r.damaged;) for (let tf = r.gamma(), j = 0; j < tf && !r.damaged; j++) r.rice(j ? Math.max(0, kn - 1) : kn);
      }
      if (r.damaged) throw new Error('shard');
    }
    return grams;
  }

  ownFile(data, df) {
    const d = be32(data, 0), c = be32(data, 4), p = be32(data, 8), end = 12 + d + c, apart = p === 0xFFFFFFFF;
    if (end + (apart ? 6 : p) !== data.length) throw new Error('lengths');
    this.keepCards(data.subarray(12 + d, end));
    const entry = { df, ...this.documents(new Bits(data.subarray(12, 12 + d)), df) };
    entry.positions = async () => entry.places ??= apart
      ? await this.file(hex(data, end), bytes => this.places(new Bits(bytes), df))
      : this.places(new Bits(data.subarray(end)), df);
    return entry;
  }

  // documents reads numbers in ascending order, and for each flags<<2 | level; titled: where the occurrences in the title part of the document i stand.
  documents(r, df) {
    const docs = new Uint32Array(df), info = new Uint8Array(df), places = new Map(), k = riceBits(df, this.root.documents);
    for (let i = 0, doc = -1; i < df; i++) {
      docs[i] = doc += 1 + r.rice(k);
      if (!r.bits(1)) continue;
      const v = r.bits(4);
      let flags = v & 3;
      if (flags & TITLE) {
        const list = [];
        for (let n = r.gamma(); n--;) {
          const t = r.bits(2), f = (t & 2 ? BEGINS : 0) | (t & 1 ? ENDS : 0);
          list.push(f);
          flags = where(flags, f);
          if (r.damaged) throw new Error('places');
        }
        places.set(i, list);
      }
      info[i] = flags << 2 | v >> 2;
    }
    if (r.damaged || docs[df - 1] >= this.root.documents) throw new Error('documents');
    return { docs, info, titled: places };
  }

  // places reads the positions: those of the document i are all[starts[i]] to before all[starts[i + 1]].
  places(r, df) {
    const starts = new Uint32Array(df + 1), all = [], k = this.root.positionBits, next = Math.max(0, k - 1);
    for (let i = 0; i < df; i++) {
      for (let tf = r.gamma(), j = 0, p = -1; j < tf; j++) { all.push(p += 1 + r.rice(j ? next : k)); if (r.damaged) throw new Error('positions'); }
      starts[i + 1] = all.length;
    }
    return { starts, all };
  }

  // keepCards keeps the cards that come with a frequent gram.
  keepCards(packed) {
    if (packed?.length) for (const [doc, ...card] of json(packed)) if (!this.cardsByDoc.has(doc)) this.keepCard(doc, card);
  }

  keepCard(doc, card) {
    this.cardsByDoc.set(doc, card);
    if (this.cardsByDoc.size > 20000) this.cardsByDoc.delete(this.cardsByDoc.keys().next().value);
  }

  async cards(docs) {
    const { shardBits, cardsPerBlock } = this.root, found = new Map();
    await Promise.all(docs.map(async doc => {
      let card = this.cardsByDoc.get(doc);
      if (!card) {
        const b = Math.floor(doc / cardsPerBlock), block = await this.numbered(2 ** shardBits + b, json);
        card = block[doc - b * cardsPerBlock];
        this.keepCard(doc, card);
      }
      found.set(doc, card);
    }));
    return docs.map(doc => found.get(doc));
  }

  foldTable() {
    return this.once('fold', () => this.file(this.root.fold, data => {
      const table = new Map();
      for (const line of new TextDecoder().decode(inflate(data)).split('\n')) {
        if (line[0] === '#') continue;
        const [to, ...from] = line;
        for (const c of from) table.set(c.codePointAt(0), to.codePointAt(0));
      }
      return table;
    }));
  }

  // rank is that of a document: 0 comes first.
  rank(doc) {
    const { ranks } = this.root;
    let k = 0;
    while (k < ranks.length - 1 && doc >= ranks[k][0]) doc -= ranks[k++][0];
    return k;
  }

  // byDate gives each document its place by date, newest first, and how many documents have one.
  byDate() {
    return this.once('order', () => this.file(this.root.order, data => {
      const place = new Uint32Array(this.root.documents), next = [], order = inflate(data);
      let from = 0, n = 0;
      for (const [size] of this.root.ranks) { next.push(from); from += size; }
      for (const k of order) place[next[k]++] = n++;
      from = 0;
      this.root.ranks.forEach(([size, dated], k) => {
        if (next[k] !== from + dated) throw new Error('order');
        from += size;
        while (next[k] < from) place[next[k]++] = n++;
      });
      return { place, dated: order.length };
    }));
  }

  // facet returns [{ value, docs }].
  facet(key) {
    const { file } = this.root.facets.find(f => f.key === key), N = this.root.documents;
    return this.file(file, data => json(data).map(([value, df, docs]) => {
      const r = new Bits(fromBase64(docs)), k = riceBits(df, N), set = new Uint32Array(df);
      for (let i = 0, doc = -1; i < df; i++) set[i] = doc += 1 + r.rice(k);
      if (r.damaged || set[df - 1] >= N) throw new Error('facet');
      return { value, docs: set };
    }));
  }
}

// ---- answering ----

// phrase lays the lists of a word's bigrams over each other and returns { docs, info }.
export async function phrase(index, word) {
  if (word.length === 1) return await index.gram(0, word[0]) ?? NONE;
  const offsets = [];
  for (let i = 0; i + 1 < word.length; i += 2) offsets.push(i);
  if (word.length % 2) offsets.push(word.length - 2);
  const lists = await Promise.all(offsets.map(i => index.gram(word[i], word[i + 1])));
  if (lists.includes(undefined)) return NONE;
  if (lists.length === 1) return lists[0];
  let [docs, ...longer] = lists.map(list => list.docs).sort((a, b) => a.length - b.length);
  for (const list of longer) { let j = 0; docs = docs.filter(doc => { while (list[j] < doc) j++; return list[j] === doc; }); }
  // at[j][i]: where in list j the candidate i stands
  const at = lists.map(list => { let j = 0; return docs.map(doc => { while (list.docs[j] < doc) j++; return j; }); });
  if (!docs.length) return NONE;
  const places = await Promise.all(lists.map(list => list.positions())), hits = [], info = [], ending = lists[lists.length - 1];
  for (let i = 0; i < docs.length; i++) {
    let found = false, place = 0;
    const titled = lists[0].titled.get(at[0][i]), ends = ending.titled.get(at[at.length - 1][i]);
    const cursors = places.map((p, j) => p.starts[at[j][i]]);
    const first = places[0], begin = first.starts[at[0][i]], lastFrom = places[places.length - 1].starts[at[at.length - 1][i]];
    starts: for (let c = begin; c < first.starts[at[0][i] + 1]; c++) {
      const inTitle = titled && c - begin < titled.length;
      if (found && !inTitle) break;
      for (let j = 1; j < places.length; j++) {
        const { all, starts } = places[j], end = starts[at[j][i] + 1], want = first.all[c] + offsets[j];
        while (cursors[j] < end && all[cursors[j]] < want) cursors[j]++;
        if (cursors[j] === end) break starts;
        if (all[cursors[j]] !== want) continue starts;
      }
      found = true;
      if (inTitle) place = where(place, TITLE | titled[c - begin] & BEGINS | ends?.[cursors[cursors.length - 1] - lastFrom] & ENDS);
    }
    if (!found) continue;
    let field = FIELD, level = 3;
    for (let j = 0; j < lists.length; j++) { const v = lists[j].info[at[j][i]]; field &= v >> 2; level = Math.min(level, v & 3); }
    hits.push(docs[i]); info.push((place | field) << 2 | level);
  }
  return { docs: Uint32Array.from(hits), info: Uint8Array.from(info) };
}

export const NONE = { docs: new Uint32Array(0), info: new Uint8Array(0) };

export const classOf = flags => (flags & (BEGINS | ENDS)) === (BEGINS | ENDS) ? 5 : flags & (BEGINS | ENDS) ? 4 : flags & TITLE ? 3 : flags & FIELD ? 2 : 1;

// points is what a word adds to the score of a document of a rank.
export function points(info, rank) {
  const c = classOf(info >> 2), level = info & 3;
  if (c === 5) return [23, 22, 20][rank];
  if (c < 3) return 4 * c + level;
  if (!rank) return 15 + c;
  if (rank === 2) return 7 + c;
  return c === 4 ? 16 + Math.min(level, 1) : 12 + level;
}

// where joins what is known of a word's occurrences in a document with one more of them; begins and ends together: one of them does both.
function where(all, f) {
  const both = BEGINS | ENDS;
  if ((all & both) === both || !(f & both)) return all | f & ~both;
  if ((f & both) === both) return all | f;
  return (all | f) & BEGINS ? (all | f) & ~ENDS : all | f;
}

// union joins the readings of a word; the best one counts.
export function union(lists) {
  lists = lists.filter(l => l.docs.length);
  if (lists.length < 2) return lists[0] ?? NONE;
  const best = new Map();
  for (const { docs, info } of lists) docs.forEach((doc, i) => { const v = best.get(doc); if (v === undefined || points(v, 1) < points(info[i], 1)) best.set(doc, info[i]); });
  const docs = Uint32Array.from(best.keys()).sort();
  return { docs, info: Uint8Array.from(docs, doc => best.get(doc)) };
}

// weightOf is the rarity of a word that df of N documents have.
export const weightOf = (N, df) => 33 - Math.clz32(Math.floor(N / Math.max(1, df)));

// matched intersects the words: documents with the sum of their scores. words: [{ docs, info }].
export function matched(index, words) {
  const N = index.root.documents;
  let { docs } = words[0], scores;
  words.forEach((word, n) => {
    const weight = weightOf(N, word.docs.length);
    if (!n) { scores = Uint32Array.from(word.info, (v, i) => weight * points(v, index.rank(docs[i]))); return; }
    const keep = [], sum = [];
    for (let i = 0, j = 0; i < docs.length; i++) {
      while (j < word.docs.length && word.docs[j] < docs[i]) j++;
      if (j === word.docs.length) break;
      if (word.docs[j] === docs[i]) { keep.push(docs[i]); sum.push(scores[i] + weight * points(word.info[j], index.rank(docs[i]))); }
    }
    docs = keep; scores = sum;
  });
  return { docs: Array.from(docs), scores };
}

// ranked orders documents by score, then newest first. Scores are small, so they are sorted by counting.
export function ranked({ docs, scores }) {
  const buckets = [];
  docs.forEach((doc, i) => (buckets[scores[i]] ??= []).push(doc));
  return buckets.filter(Boolean).reverse().flat();
}

async function byDate(index, docs, sort) {
  const { place, dated } = await index.byDate();
  docs = docs.slice().sort((a, b) => place[a] - place[b]);
  return sort === '-date' ? docs : docs.filter(doc => place[doc] < dated).reverse().concat(docs.filter(doc => place[doc] >= dated));
}

// filterSets returns for each facet filtered the set of documents that pass.
export async function filterSets(index, filters) {
  const sets = new Map();
  await Promise.all(Object.entries(filters).map(async ([key, wanted]) => {
    const field = index.root.facets.find(f => f.key === key), list = [wanted].flat();
    if (!field || !list.some(v => v !== '' && v != null)) return;
    const values = await index.facet(key), set = new Uint8Array(index.root.documents);
    const [from, to] = list, number = v => v === '' || v == null ? NaN : +v;
    for (const { value, docs } of values) {
      const passes = field.range ? !(+value < number(from)) && !(+value > number(to)) : list.map(String).includes(value);
      if (passes) for (const doc of docs) set[doc] = 1;
    }
    sets.set(key, set);
  }));
  return sets;
}

// facetCounts counts every value over the hits; a facet's own filter does not count against it, so that its other values can be chosen.
async function facetCounts(index, docs, sets) {
  const entries = await Promise.all(index.root.facets.map(async ({ key }) => {
    const hit = new Uint8Array(index.root.documents);
    docs: for (const doc of docs) { for (const [other, set] of sets) if (other !== key && !set[doc]) continue docs; hit[doc] = 1; }
    const values = (await index.facet(key)).map(({ value, docs }) => { let count = 0; for (const doc of docs) count += hit[doc]; return { value, count }; });
    return [key, values.filter(v => v.count).sort((a, b) => b.count - a.count)];
  }));
  return Object.fromEntries(entries);
}

// ---- excerpts ----

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = text => text.replace(/[&<>"']/g, c => ENTITIES[c]);

// folded has the length of text, so that places in it are places in text.
export function folded(text, table) {
  let out = '';
  for (const ch of text) { const s = String.fromCodePoint(fold(ch.codePointAt(0), table)); out += s.length === ch.length ? s : ch; }
  return out;
}

const COMPOSED = /[\u2100-\u214f\u2160-\u217f\u2460-\u24ff\u3200-\u33ff]/;

// spread is folded for a text with characters that stand for several (Ⅱ, ㎡): low has them written out, from and to say for each place of low
// where its character begins and ends in the text.
function spread(text, table) {
  let low = '', i = 0;
  const from = [], to = [], own = new Set();
  for (const ch of text) {
    const out = folded(COMPOSED.test(ch) ? ch.normalize('NFKC') : ch, table);
    if (COMPOSED.test(ch)) own.add(low.length);
    for (let k = 0; k < out.length; k++) {
      from.push(ch === out || out.length === ch.length && !COMPOSED.test(ch) ? i + k : i);
      to.push(ch === out || out.length === ch.length && !COMPOSED.test(ch) ? i + k + 1 : i + ch.length);
    }
    low += out;
    i += ch.length;
  }
  return { low, from, to, own };
}

// occurrences finds [from, to] of the needles in text, in order and without overlap.
export function occurrences(text, needles, table) {
  const wide = COMPOSED.test(text) ? spread(text, table) : undefined, low = wide?.low ?? folded(text, table), found = [];
  for (const needle of needles) {
    const letter = kindOf(needle.codePointAt(0)) === LETTER, number = digit(needle.codePointAt(0));
    for (let i = low.indexOf(needle); i >= 0; i = low.indexOf(needle, i + 1)) {
      const before = i && low.charCodeAt(i - 1);
      if (letter && before && kindOf(before) === LETTER && !(digit(before) && !number) && !wide?.own.has(i)) continue;
      found.push(wide ? [wide.from[i], wide.to[i + needle.length - 1]] : [i, i + needle.length]);
    }
  }
  found.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let end = 0;
  return found.filter(([from, to]) => from >= end && (end = to));
}

// needlesOf turns the words of a query back into text.
export const needlesOf = words => words.map(w => String.fromCharCode(...w.filter(u => u !== 1)));

// excerpt cuts about size characters out of text around its best passage, the one with most of the needles, as safe HTML.
export function excerpt(text, needles, table, size = 96) {
  const marks = occurrences(text, needles, table), low = folded(text, table);
  let best = 0, most = 0;
  marks.forEach(([from], i) => {
    const inside = new Set();
    for (let j = i; j < marks.length && marks[j][1] <= from + size * 0.8; j++) inside.add(low.slice(...marks[j]));
    if (inside.size > most) { most = inside.size; best = from; }
  });
  let from = Math.max(0, best - Math.floor(size / 4));
  if (from) { // begin after a sentence or clause if one ends near
    const near = /[。！？；，、：\n]/.exec(text.slice(from, best));
    if (near) from += near.index + 1;
  }
  let to = Math.min(text.length, from + size);
  const low2 = i => { const c = text.charCodeAt(i); return c >= 0xDC00 && c < 0xE000; };
  if (low2(from)) from--;
  if (low2(to)) to++;
  let html = from ? '…' : '', at = from;
  for (const [a, b] of marks) {
    if (a < from || b > to) continue;
    html += escape(text.slice(at, a)) + '<mark>' + escape(text.slice(a, b)) + '</mark>';
    at = b;
  }
  return html + escape(text.slice(at, to)) + (to < text.length ? '…' : '');
}

const INLINE = new Set('A ABBR B BDI BDO CITE CODE DATA DEL DFN EM FONT I INS KBD MARK Q RB RUBY S SAMP SMALL SPAN STRONG SUB SUP TIME U VAR WBR'.split(' '));
const SKIPPED = new Set('SCRIPT STYLE TEMPLATE NAV BUTTON SELECT RT RP NOSCRIPT'.split(' '));

// blocks lists the runs of text below an element, as [[text node, …], …]: inline markup does not part a run.
export function blocks(root) {
  const list = [];
  let run = [];
  const end = () => { if (run.length) list.push(run); run = []; };
  const walk = node => {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === 3) run.push(child);
      else if (child.nodeType === 1 && !SKIPPED.has(child.tagName)) {
        const inline = INLINE.has(child.tagName);
        if (!inline) end();
        walk(child);
        if (!inline) end();
      }
    }
  };
  walk(root);
  end();
  return list;
}

const collapse = text => text.replace(/\s+/g, ' ').trim();

// pageText reads a hit's page and returns its runs of text. It is the page that the reader is about to open.
async function pageText(url, signal) {
  try {
    const response = offline ? undefined : await fetch(new URL('..' + url, BASE), { signal });
    if (response && !response.ok) return [];
    const page = new DOMParser().parseFromString(await (response ? response.text() : offline.page(url.slice(1))), 'text/html'), at = url.indexOf('#');
    const root = at >= 0 && page.getElementById(decodeURIComponent(url.slice(at + 1))) || page.querySelector('[data-search]') || page.querySelector('main') || page.body;
    return blocks(root).map(run => collapse(run.map(n => n.data).join('')));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    return []; // a page that can't be read costs its passage, not the answer
  }
}

// bestOf returns the text with most of the needles, or ''.
function bestOf(texts, needles, table) {
  let best = '', most = 0;
  for (const text of texts) {
    const kinds = new Set(occurrences(text, needles, table).map(m => folded(text.slice(...m), table)));
    if (kinds.size > most) { most = kinds.size; best = text; }
  }
  return best;
}

// hit builds what the caller gets of a document. shown: whether the title alone answers (it was found by pinyin, say).
async function hit(index, card, needles, table, budget, shown, signal) {
  const [url, title, type, date, summary] = card;
  const missing = () => needles.filter(n => !occurrences(summary, [n], table).length && !occurrences(title, [n], table).length);
  const wanted = budget && !shown && missing().length, read = async signal => {
    const texts = await pageText(url, signal);
    let text = bestOf(texts, missing(), table);
    if (!text && !table) { // the page may have it in traditional characters
      table = await index.foldTable();
      if (missing().length) text = bestOf(texts, missing(), table);
    }
    return excerpt(text || summary, needles, table);
  };
  const found = { url: offline ? offline.address(url) : BASE.pathname.replace(/search\/$/, '') + url.slice(1), title, titleHTML: marked(title, needles, table), type, date, excerpt: wanted && budget.left-- > 0 ? await read(signal) : '' };
  if (!found.excerpt) {
    found.excerpt = excerpt(summary, needles, table);
    if (wanted) later.set(found, read);
  }
  return found;
}

// What can still be read of hits whose excerpt does not show the match.
const later = new WeakMap();

// passage gives the excerpt that shows the match, from the hit's page, or nothing if the hit has it or there is none. The first hits have theirs at once.
export async function passage(hit, signal) { const read = later.get(hit); later.delete(hit); return read?.(signal); }

function marked(text, needles, table) {
  let html = '', at = 0;
  for (const [a, b] of occurrences(text, needles, table)) { html += escape(text.slice(at, a)) + '<mark>' + escape(text.slice(a, b)) + '</mark>'; at = b; }
  return html + escape(text.slice(at));
}

// ---- the entrance ----

let opened; // the index in use, a promise
const current = fresh => { if (fresh || !opened) { opened = Index.open(fresh); opened.catch(() => { opened = undefined; }); } return opened; };

// consistently runs work on one index, and once more on a newly read one if a file was missing or damaged.
async function consistently(work, signal) {
  for (let fresh = false; ; fresh = true) {
    try {
      const index = await current(fresh);
      signal?.throwIfAborted();
      return await work(index);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof FileError)) throw error;
      if (fresh) { opened = undefined; throw new SearchError(error.code, error); }
    }
  }
}

// fields returns the facets of the site, [{ key, label, range }], without reading their values.
export const fields = () => consistently(index => index.root.facets.map(({ key, label, range = false }) => ({ key, label, range })));

// foldTable returns the table of folds, a Map of code points.
export const foldTable = () => consistently(index => index.foldTable());

// search answers a query.
//
//   filters   { type: ['人物'], year: [1950, 1959] }: values of a facet, or for a range from and to, '' for open
//   sort      'relevance', '-date' (newest first), 'date' (oldest first, unknown dates last)
//   facets    true to count them
//   passages  whether to read the pages of hits whose summary does not show the match: those of the first three, of the others when passage(hit) asks;
//             by default for up to 20 hits
//   signal    AbortSignal
//
// It returns { total, hits: [{ url, title, titleHTML, type, date, excerpt }], facets, words, ignored, best, related, instead, among, offers, unfiltered }. excerpt
// and titleHTML are HTML in which only <mark> is markup. ignored: the words beyond the limit. best: pages that are called like one of several words, though
// they lack another. If total is 0: related, looser hits; ahead, how many of these, the first, stand there for what they are called; instead, the words that they were found by, if not those asked for; among, the types that they were looked for in; offers, [{ query, why }] that
// have results; unfiltered, how many hits there would be without filters. Throws SearchError.
export async function search(query, { filters = {}, sort = 'relevance', offset = 0, limit = 10, facets = false, passages = limit <= PASSAGES, signal } = {}) {
  return consistently(async index => {
    const N = index.root.documents;
    if (facets) for (const { key } of index.root.facets) index.facet(key).catch(() => {}); // what will be asked for is on its way meanwhile
    let table = [...query].every(ch => plain(ch.codePointAt(0))) ? undefined : await index.foldTable(), words, lists;
    for (;;) {
      words = units(query, table);
      const keys = new Set();
      words = words.filter(w => !keys.has(w.join()) && keys.add(w.join()));
      lists = await Promise.all(words.slice(0, WORDS).map(async w => union(await Promise.all(readings(w.slice(0, UNITS)).map(r => phrase(index, r))))));
      if (table || lists.every(l => l.docs.length) || !/[^\0-\x7f]/.test(query)) break;
      table = await index.foldTable();
      if (needlesOf(units(query, table)).join(' ') === needlesOf(words).join(' ')) break;
    }
    signal?.throwIfAborted();
    const ignored = needlesOf([...words.slice(WORDS), ...words.filter(w => w.length > UNITS).map(w => w.slice(UNITS))]);
    words = words.slice(0, WORDS).map(w => w.slice(0, UNITS));
    const needles = needlesOf(words), sets = await filterSets(index, filters);
    let found = { docs: [], scores: [] };
    if (words.length) found = matched(index, lists);
    else if (sets.size) found = { docs: Array.from({ length: N }, (_, i) => i), scores: new Uint8Array(N) };
    const unfiltered = found.docs.length, all = found.docs, counts = facets ? facetCounts(index, all, sets) : {};
    if (facets) counts.catch(() => {}); // told of below
    if (sets.size) {
      const keep = found.docs.map((doc, i) => i).filter(i => [...sets.values()].every(set => set[found.docs[i]]));
      found = { docs: keep.map(i => found.docs[i]), scores: keep.map(i => found.scores[i]) };
    }
    const total = found.docs.length, order = sort === 'relevance' ? ranked(found) : await byDate(index, found.docs, sort);
    const show = async (docs, exact, marks = needles) => {
      const cards = await index.cards(docs);
      // A title that was found by its pinyin needs no passage: there is none.
      const pinyin = needles.every(n => /^[a-z]+$/.test(n));
      const budget = passages && { left: EAGER };
      const shown = doc => pinyin && lists.every(({ docs, info }) => info[at(docs, doc)] >> 2 & TITLE);
      return Promise.all(cards.map((card, i) => hit(index, card, marks, table, budget, exact && shown(docs[i]), signal)));
    };
    const result = { total, hits: await show(order.slice(offset, offset + limit), true), facets: await counts, words: needles, ignored, best: [], ahead: 0, instead: '', among: [], offers: [], unfiltered };
    if (words.length && !unfiltered) {
      const near = await (await import('./near.js')).nearby(index, words, lists, sets, limit, table);
      Object.assign(result, { instead: near.instead, ahead: near.ahead, among: near.among, offers: near.offers, related: await show(near.related, false, [...near.marks, ...piecesOf(needles)]) });
    } else if (!total) result.related = [];
    else if (words.length > 1 && !sets.size && !offset && sort === 'relevance') result.best = await show(bestPages(index, lists, all), false);
    signal?.throwIfAborted();
    return result;
  }, signal);
}

// at returns the place of x in an ascending array that has it.
function at(array, x) {
  let low = 0, high = array.length - 1;
  while (low < high) { const m = low + high >> 1; if (array[m] < x) low = m + 1; else high = m; }
  return low;
}

// piecesOf gives the parts of words, of two characters and more, that a looser hit may have.
export function piecesOf(needles) {
  const all = new Set();
  for (const needle of needles) {
    const chars = [...needle].slice(0, 24);
    all.add(needle);
    if (kindOf(needle.codePointAt(0)) === LETTER) continue;
    for (let n = 2; n < chars.length; n++) for (let i = 0; i + n <= chars.length; i++) all.add(chars.slice(i, i + n).join(''));
  }
  return [...all];
}

// bestPages finds the documents with a name that is one of several words, though another word is not in them.
export function bestPages(index, lists, hits) {
  const found = new Set(hits), list = [];
  for (const { docs, info } of lists) {
    for (let i = 0; i < docs.length && docs[i] < index.root.ranks[0][0] && list.length < 2; i++) {
      if (classOf(info[i] >> 2) === 5 && !found.has(docs[i]) && !list.includes(docs[i])) list.push(docs[i]);
    }
  }
  return list;
}
