/* The page of what is kept here. It opens without a network and fills itself from the telephone alone. */
import { all, drop, isLocked, keepPage, standing, update, wipe } from './kept.js';
import { Large } from './large.js';
import { Locking } from './locking.js';

export async function showKept() {
  const page = document.querySelector('[data-oc-device]');
  if (!page) return;
  const large = new Large(document.querySelector('[data-large]'));
  const draw = async () => {
    const found = await all().catch(() => []);
    const kept = found ?? [];
    const list = page.querySelector('[data-list]');
    const sides = kept.filter((one) => !isEnded(standing(one))).flatMap(sidesOf);
    const enlarge = (one, number) => large.open(sides, sides.findIndex((side) => side.id === one.id && side.number === number));
    list.replaceChildren(...kept.map((one) => card(one, (number) => enlarge(one, number), draw)));
    const isShut = found === null;
    if (isShut) large.dialog.close();
    page.querySelector('[data-empty]').hidden = isShut || kept.length > 0;
    page.querySelector('[data-wipe]').hidden = !isShut && kept.length === 0;
    locking.show(isShut ? 'shut' : (await isLocked().catch(() => false)) ? 'open' : 'none', kept.length);
    if (!isShut && kept.length) await refresh(kept);
    return found;
  };
  let isHeard = false;
  /** Once, as soon as it can be read: how all of it stands, where there is a network. */
  const refresh = async (kept) => {
    if (isHeard) return;
    isHeard = true;
    if (await heard(kept, page.dataset.states)) await draw();
    await keepPage(location.pathname).catch(() => {});
  };
  const locking = new Locking(page, draw);
  page.querySelector('[data-do=wipe]').addEventListener('click', async () => {
    await wipe();
    await draw();
    page.querySelector('[data-empty] a').focus();
  });
  if ((await draw()) === null) page.querySelector('[data-open-form] input').focus();
}

const isEnded = (state) => state === 'revoked' || state === 'replaced';

/** Each code of a certificate by itself: nearly always one. What was kept before there could be several has `code`. */
function sidesOf(one) {
  const codes = one.codes ?? [one.code];
  return codes.map((code, at) => ({ ...one, code, number: at + 1, part: codes.length > 1 ? ` · ${at + 1} / ${codes.length}` : '' }));
}

function card(one, enlarge, draw) {
  const made = document.querySelector('template[data-kept]').content.cloneNode(true);
  const part = (name) => made.querySelector(`[data-${name}]`);
  const state = standing(one);
  part('title').textContent = one.title;
  part('name').textContent = one.name;
  part('standing').append(sentence(state, one));
  const checked = part('checked');
  checked.dateTime = one.checkedAt;
  checked.textContent = new Date(one.checkedAt).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' });
  const code = made.querySelector('[data-do=large]');
  if (isEnded(state)) code.remove();
  else {
    code.replaceWith(...sidesOf(one).map((side) => {
      const button = code.cloneNode(true);
      const picture = button.querySelector('[data-code]');
      picture.src = side.code;
      picture.alt += side.part;
      button.querySelector('span').append(side.part);
      button.addEventListener('click', () => enlarge(side.number));
      return button;
    }));
  }
  part('reveals').append(...one.reveals.flatMap(revealed));
  made.querySelector('[data-do=drop]').addEventListener('click', async () => {
    await drop(one.id);
    await draw();
    document.querySelector('[data-list]').focus();
  });
  return made;
}

const language = () => document.documentElement.lang;
const day = (text) => new Date(text.length === 10 ? `${text}T00:00` : text).toLocaleDateString(language(), { dateStyle: 'long' });

function sentence(state, one) {
  const known = document.querySelector(`template[data-standing-of="${state}"]`);
  const made = (known ?? document.querySelector('template[data-standing-of=ambiguous]')).content.cloneNode(true);
  const text = made.querySelector('span');
  if (text) {
    text.textContent = text.textContent.replace('{until}', day(one.expiresAt)).replace('{since}', one.validFrom ? day(one.validFrom) : '');
  }
  return made;
}

function revealed([heading, rows]) {
  const title = Object.assign(document.createElement('h3'), { className: 'oc-reveals', textContent: heading });
  const list = Object.assign(document.createElement('dl'), { className: 'oc-kv' });
  for (const [name, value] of rows) {
    const row = document.createElement('div');
    row.append(
      Object.assign(document.createElement('dt'), { textContent: name || '·' }),
      Object.assign(document.createElement('dd'), { textContent: value }),
    );
    list.append(row);
  }
  return [title, list];
}

/** Asks how they stand. True when something was heard; without a network what was known stays, with its age. */
async function heard(kept, address) {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ids: kept.map((one) => one.id) }),
    });
    if (!answer.ok) return false;
    const { states, checkedAt } = await answer.json();
    for (const one of kept) {
      if (states[one.id]) await update({ ...one, state: states[one.id], checkedAt });
    }
    return true;
  } catch {
    return false;
  }
}
