// Stands in for fetch where a page lies in a folder: what is wanted comes as a script. Every page of an offline edition loads this file first.
(() => {
  'use strict';
  const here = new URL('./', document.currentScript.src), root = new URL('../', here), shards = SHARDS;
  const given = new Map(), asked = new Map();
  // What comes with another script is there already.
  const take = name => { const text = given.get(name); given.delete(name); return text; };
  const load = name => {
    if (!asked.has(name) && given.has(name)) return Promise.resolve(take(name));
    if (!asked.has(name)) asked.set(name, new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL(name + '.js', here);
      script.onload = () => { script.remove(); const text = take(name); asked.delete(name); text === undefined ? reject(new Error(name)) : resolve(text); };
      script.onerror = () => { script.remove(); asked.delete(name); reject(new Error(name)); };
      document.head.append(script);
    }));
    return asked.get(name);
  };
  const bytes = text => { const s = atob(text), out = new Uint8Array(s.length); for (let i = 0; i < out.length; i++) out[i] = s.charCodeAt(i); return out; };
  const shard = path => {
    let h = 0x811c9dc5;
    for (const b of new TextEncoder().encode(path)) h = Math.imul(h ^ b, 0x01000193) >>> 0;
    return h % shards;
  };
  // texts gives the texts of the pages of a shard; several hits are often in one.
  const unpacked = new Map();
  const texts = name => {
    if (!unpacked.has(name)) {
      if (unpacked.size > 20) unpacked.clear();
      const read = (async () => {
        const [packed, { inflate }] = [await load(name), (await globalThis.gongzhiOffline.engine()).search()];
        return JSON.parse(new TextDecoder().decode(inflate(bytes(packed))));
      })();
      read.catch(() => unpacked.delete(name));
      unpacked.set(name, read);
    }
    return unpacked.get(name);
  };
  const withFile = path => path.replace(/(^|\/)(?=$|[?#])/, '$1index.html');
  let engine;
  globalThis.gongzhiOffline = {
    here: here.href,
    put: (name, text) => given.set(name, text),
    // file gives the bytes of a file of the index.
    file: async name => bytes(await load(name)),
    // page gives the main part of the page at an address of the site, without the slash at its beginning.
    page: async path => {
      const name = withFile(decodeURIComponent(path.replace(/[?#].*$/s, '')));
      return (await texts('text-' + shard(name)))[name] ?? '';
    },
    // pageAt is page, of a whole address.
    pageAt: url => globalThis.gongzhiOffline.page(new URL(url).href.slice(root.href.length)),
    // address is where a page stands that the index knows as /path/.
    address: path => root.pathname + withFile(path.slice(1)),
    modules: undefined,
    // engine gives the modules, each made when it is first asked for.
    engine: () => engine ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL('engine.js', here);
      script.onload = () => resolve(globalThis.gongzhiOffline.modules);
      script.onerror = () => { engine = undefined; reject(new Error('engine')); };
      document.head.append(script);
    }),
  };
})();
