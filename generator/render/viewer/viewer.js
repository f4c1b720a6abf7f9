/* The page of a picture that can be looked at closely: OpenSeadragon on its tiles, with buttons of our own. Without it the
   largest picture stays. */
(() => {
  'use strict';
  const box = document.getElementById('_zoom');
  const folder = new URL('./', location.href).href.replace(/\/$/, '');
  const [width, height, scales] = [+box.dataset.width, +box.dataset.height, box.dataset.scales.split(' ').map(Number)];
  const plain = box.querySelector('img');
  const own = document.getElementById('_say'), texts = JSON.parse(own ? own.textContent : '{}'), say = (text) => texts[text] || text;
  const tileSources = {
    '@context': 'http://iiif.io/api/image/3/context.json', id: folder, type: 'ImageService3', protocol: 'http://iiif.io/api/image', profile: 'level0',
    width, height, tiles: [{ width: +box.dataset.tile, scaleFactors: scales }],
  };
  const stage = document.createElement('div');
  stage.className = 'stage';
  box.append(stage);
  // OpenSeadragon would put a style of its own into the page, which the policy forbids, unless it finds one: an element of
  // that name which styles nothing.
  const style = document.createElementNS('', 'style');
  style.setAttribute('data-openseadragon-mobile-css', '');
  document.head.append(style);
  const viewer = window.OpenSeadragon({
    element: stage, tileSources, drawer: 'canvas', showNavigationControl: false, maxZoomPixelRatio: 3, visibilityRatio: 0.6, constrainDuringPan: true,
    animationTime: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 0.6, gestureSettingsTouch: { pinchRotate: false },
  });
  viewer.addOnceHandler('tile-drawn', () => { plain.hidden = true; });
  viewer.canvas.setAttribute('role', 'application');
  viewer.canvas.setAttribute('aria-label', `${plain.alt}${say('。方向键移动，加号、减号放大缩小，0 看全图。')}`);
  // The keys of the number pad, which OpenSeadragon does not know.
  viewer.addHandler('canvas-key', ({ originalEvent: e }) => {
    const by = { NumpadAdd: 1.6, NumpadSubtract: 1 / 1.6 }[e.code];
    if (by) viewer.viewport.zoomBy(by).applyConstraints();
    else if (e.code === 'Numpad0' && e.key === '0') viewer.viewport.goHome();
  });
  const bar = document.createElement('p');
  bar.className = 'zoomers';
  const button = (label, act) => {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = say(label);
    b.addEventListener('click', act);
    bar.append(b);
  };
  button('放大', () => { viewer.viewport.zoomBy(1.6).applyConstraints(); });
  button('缩小', () => { viewer.viewport.zoomBy(1 / 1.6).applyConstraints(); });
  button('全图', () => { viewer.viewport.goHome(); });
  button('转一转', () => { viewer.viewport.rotateBy(90); });
  if (document.fullscreenEnabled) button('全屏', () => { (document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen()).catch(() => { /* not allowed */ }); });
  box.prepend(bar); // above the picture, which may be as tall as the window
})();
