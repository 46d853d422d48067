{% autoescape off %}{% load oc %}/* Keeps the verifier: its page, scripts and reader. Lists lie in the page's own database. Nothing scanned is kept. */
const VERSION = 'verifier-{{ version }}';
const PAGE = '{{ page }}';
const FILES = {{ files|json }};
const LATER = {{ later|json }};
const PATIENCE = 2500;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll([...FILES, PAGE])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name.startsWith('verifier-') && name !== VERSION);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
  later();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const { pathname } = new URL(request.url);
  if (request.mode === 'navigate' && pathname === PAGE) {
    event.respondWith(page(request));
  } else if (FILES.includes(pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (LATER.includes(pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetched(request)));
  }
});

/* The reader of documents comes after the page is ready; what fails now is kept when it is first used. */
async function later() {
  const cache = await caches.open(VERSION);
  for (const file of LATER) if (!(await cache.match(file))) await cache.add(file).catch(() => null);
}

async function fetched(request) {
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(VERSION)).put(request, answer.clone());
  return answer;
}

/* From the network when that answers in time, and then kept in the reader's language; else as it was kept. */
async function page(request) {
  const cache = await caches.open(VERSION);
  const kept = await cache.match(PAGE, { ignoreVary: true });
  const fetched = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(PAGE, answer.clone());
    return answer;
  });
  if (!kept) return fetched;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept.clone()));
  return Promise.race([fetched.catch(() => kept), late]);
}
{% endautoescape %}
