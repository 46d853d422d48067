import htmx from 'htmx.org';

// Pages of this site hold people's data: nothing of them is kept in the browser, and nothing in them is run.
Object.assign(htmx.config, {
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  defaultSwapStyle: 'outerHTML',
});
// The extension for server-sent events registers itself at the global name.
globalThis.htmx = htmx;

document.addEventListener('htmx:configRequest', (event) => {
  if (event.detail.verb === 'get') return;
  const token = document.querySelector('meta[name=csrf-token]');
  if (token) event.detail.headers['X-CSRFToken'] = token.content;
});
