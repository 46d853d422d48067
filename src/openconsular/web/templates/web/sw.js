{% autoescape off %}{% load oc %}/* Kept on the device: the style, the small script and the page for "no network". Never a page about a person:
 * what a citizen chose to keep lies in a cache and a database of its own, which its page fills (frontend/wallet). */
const VERSION = 'shell-{{ version }}';
const OFFLINE = '{{ offline }}';
const FILES = {{ files|json }};
const STATIC = '{{ static_at }}';

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll([...FILES, OFFLINE])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name.startsWith('shell-') && name !== VERSION);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => keptPage(request)));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.url.startsWith(self.location.origin + STATIC)) {
    event.respondWith(fetch(request).catch(() => keptFile(request)));
  }
});

async function keptPage(request) {
  return (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) ?? caches.match(OFFLINE);
}

async function keptFile(request) {
  return (await caches.match(request)) ?? Response.error();
}
{% endautoescape %}
