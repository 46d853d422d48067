/* The verifier: from a camera, a file or a hand scanner to a verdict, on the device itself. */
import { verify } from './certificate/verify.js';
import { isPiece, pieceOf } from './certificate/numeric.js';
import { cardsIn } from './certificate/smart.js';
import { Unreadable } from './certificate/values.js';
import { Camera } from './page/camera.js';
import { BYTES_MOST, canDraw, codesInDocument, isDocument } from './page/documents.js';
import { fetchLists, importLists, keptLists, NONE, NotTaken } from './page/lists.js';
import { codesInFile, isHeic, prepare } from './page/reader.js';
import { again, answer, card, differing, question, shownState } from './page/show.js';
import { showLists, showStatus } from './page/status.js';
import { keep, kept } from './page/store.js';
import { Traveller } from './page/traveller.js';
import { listenToScanner } from './page/wedge.js';
import { fill, make, words } from './page/words.js';

const REFRESH = 30_000;
const SHOWN_FROM = 1e6;
const FETCH_EVERY = 15 * 60_000;

class Verifier {
  constructor(root) {
    this.root = root;
    this.lists = NONE;
    this.ready = 'serviceWorker' in navigator ? 'preparing' : 'never';
    this.pieces = new Map();
    this.traveller = new Traveller();
    const { environment, head, bundles, near } = root.dataset;
    this.place = { environment, head, bundles, near };
    this.progress = (done, all) => this.showProgress(done, all);
    this.camera = new Camera(this.part('video'), (codes, seenAt) => this.seen(codes, seenAt));
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  /** The device's clock, but never earlier than when the lists were made: a clock put back lets nobody in. */
  now() {
    return Math.max(Date.now() / 1000, this.lists.madeAt ?? 0);
  }

  async start() {
    this.listen();
    this.lists = await keptLists(this.place);
    this.refresh();
    await this.count();
    await Promise.all([this.fetch(), this.install()]);
    setInterval(() => this.refresh(), REFRESH);
    setInterval(() => this.fetch(), FETCH_EVERY);
    addEventListener('online', () => this.fetch());
  }

  listen() {
    this.part('scan').hidden = !navigator.mediaDevices;
    this.part('camera').addEventListener('click', () => this.switchCamera());
    this.part('next').addEventListener('click', () => this.nextPerson());
    this.part('fetch').addEventListener('click', () => this.fetch(true));
    this.part('import').addEventListener('change', async ({ target }) => {
      if (target.files.length) await this.take(() => importLists(target.files[0], this.place, this.lists, this.progress), true);
      target.value = '';
    });
    const form = this.part('form');
    const [file, text] = [form.querySelector('input[type=file]'), form.querySelector('textarea')];
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (file.files.length) this.file(file);
      else if (text.value.trim()) this.typed(text);
    });
    file.addEventListener('change', () => file.files.length && this.file(file));
    text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey) return;
      event.preventDefault();
      this.typed(text);
    });
    listenToScanner((code) => {
      text.value = '';
      this.check(code);
    });
    document.addEventListener('visibilitychange', () => document.hidden && this.camera.isOn && this.switchCamera());
  }

  // ---------------------------------------------------------------- what is shown

  async switchCamera() {
    if (this.camera.isOn) {
      this.camera.stop();
    } else {
      try {
        await this.camera.start();
        this.say('');
      } catch (fault) {
        this.say(fault.name === 'NotAllowedError' ? words.cameraDenied : words.cameraMissing);
      }
    }
    this.part('frame').hidden = !this.camera.isOn;
    this.part('hint').textContent = words.looking;
    this.part('camera').textContent = this.camera.isOn ? words.cameraOff : words.cameraOn;
  }

  async seen(codes, seenAt) {
    for (const text of codes) {
      if (!this.traveller.isInView(text, performance.now())) await this.check(text, seenAt);
    }
  }

  async typed(field) {
    const text = field.value.trim();
    field.value = '';
    await this.check(text);
  }

  async file(field) {
    const [file] = field.files;
    try {
      const codes = await this.codesOf(file);
      if (!codes.length) this.say(words.noCode);
      for (const code of codes) await this.check(code);
    } catch (fault) {
      this.say(fault instanceof NotTaken ? fault.word : (await isHeic(file)) ? words.fileHeic : words.fileBroken);
    }
    field.value = '';
  }

  async codesOf(file) {
    if (/\.smart-health-card$/.test(file.name)) return cardsIn(await file.text());
    return (await isDocument(file)) ? this.documentCodes(file) : codesInFile(file);
  }

  /** Documents are drawn here where the browser can do that off the page; else by the server, which keeps nothing. */
  async documentCodes(file) {
    if (file.size > BYTES_MOST) throw new NotTaken(words.fileLarge);
    if (!canDraw()) return this.servedCodes(file);
    this.say(words.fileReading);
    const { codes, fault } = await codesInDocument(file);
    if (fault) throw new NotTaken(words.reasons[fault] ?? words.fileBroken);
    this.say('');
    return codes;
  }

  async servedCodes(file) {
    if (!navigator.onLine) throw new NotTaken(words.fileOnline);
    const body = new FormData(this.part('form'));
    body.set('file', file);
    const answered = await fetch(this.part('form').action, { method: 'POST', body, headers: { Accept: 'application/json' } }).catch(() => null);
    if (!answered) throw new NotTaken(words.fileOnline);
    const { codes, faults } = await answered.json();
    if (faults.length) throw new NotTaken(faults.join(' '));
    return codes;
  }

  say(text) {
    this.part('answer').replaceChildren(...(text ? [make('p', { class: 'oc-verifier__note', role: 'note' }, text)] : []));
  }

  // ---------------------------------------------------------------- verdicts

  async check(text, seenAt = performance.now()) {
    const whole = isPiece(text) ? this.gather(text) : text;
    if (!whole) return;
    const now = this.now();
    const isAskedAgain = this.traveller.pending?.key === [whole].flat().join(' ');
    const verdict = await verify(whole, { trust: this.lists.trust, revocations: this.lists.revocations, now });
    const state = shownState(verdict, this.lists, now);
    const box = answer(verdict, state, now);
    box.dataset.took = String(Math.round(performance.now() - seenAt));
    const entry = { key: [whole].flat().join(' '), verdict, state, at: now };
    const before = this.traveller.entries.find((one) => one.key === entry.key);
    const found = this.traveller.take(entry);
    const notes = { again: () => [again(before.at)], asks: () => [this.ask(verdict)], added: () => [] }[found]();
    this.part('answer').replaceChildren(...notes, box);
    navigator.vibrate?.({ again: [30], asks: [200, 80, 200] }[found] ?? (state === 'valid' ? 60 : [60, 60, 60]));
    if (!this.camera.isOn) box.focus({ preventScroll: false });
    this.showRow();
    await this.count(found === 'again' || isAskedAgain ? undefined : state);
  }

  /** Another name than before: whose turn is it? */
  ask(verdict) {
    const box = question(this.traveller.entries.map((one) => one.verdict.certificate).filter(Boolean).at(-1), verdict.certificate);
    box.querySelector('[data-turn=next]').addEventListener('click', () => this.answered(() => this.traveller.next()));
    box.querySelector('[data-turn=same]').addEventListener('click', () => this.answered(() => this.traveller.keepBoth()));
    return box;
  }

  answered(act) {
    act();
    this.part('answer').querySelector('.oc-verifier__question')?.remove();
    this.part('answer').querySelector('.oc-verdict')?.focus({ preventScroll: true });
    this.showRow();
  }

  /** A card in several codes: the texts once all are there, else nothing. */
  gather(text) {
    try {
      const [number, count] = pieceOf(text);
      if (this.pieces.size && this.pieces.get('of') !== count) this.pieces.clear();
      this.pieces.set('of', count).set(number, text);
      if (this.pieces.size <= count) {
        this.say(fill(words.piece, { number, count }));
        return null;
      }
      this.pieces.delete('of');
      const texts = [...this.pieces.values()];
      this.pieces.clear();
      return texts;
    } catch (fault) {
      if (fault instanceof Unreadable) return text;
      throw fault;
    }
  }

  showRow() {
    const { entries, isOnePerson } = this.traveller;
    this.part('next').hidden = !entries.length;
    this.part('person').hidden = entries.length < 2;
    this.part('row').replaceChildren(...entries.map((one) => card(one.verdict, one.state)));
    this.part('mismatch').hidden = isOnePerson;
    this.part('mismatch').replaceChildren(...(isOnePerson ? [] : differing(entries.map((one) => one.verdict.certificate).filter(Boolean))));
  }

  nextPerson() {
    this.traveller.clear();
    this.pieces.clear();
    this.part('answer').replaceChildren();
    this.showRow();
    this.part('camera').focus();
  }

  async count(state) {
    const counts = (await kept('counts')) ?? { all: 0, valid: 0 };
    if (state) {
      counts.all += 1;
      counts.valid += state === 'valid' ? 1 : 0;
      await keep('counts', counts);
    }
    this.part('counts').textContent = fill(words.counts, counts);
  }

  // ---------------------------------------------------------------- lists and installing

  async fetch(isAsked = false) {
    if (!navigator.onLine && !isAsked) return;
    await this.take(() => fetchLists(this.place, this.lists, this.progress), isAsked);
  }

  /** One after the other: an update that is under way is finished, and what it brought is not fetched again. */
  async take(get, isAsked) {
    const before = this.taking;
    this.taking = (async () => {
      await before;
      let said = words.listsFetched;
      try {
        this.lists = await get();
      } catch (fault) {
        said = words[fault instanceof NotTaken ? fault.word : 'listsNotFetched'];
      }
      this.part('progress').hidden = true;
      if (isAsked) this.part('said').textContent = said;
      this.refresh();
    })();
    await this.taking;
  }

  /** Only of what takes a while; most updates are there before anybody reads of them. */
  showProgress(done, all) {
    if (all < SHOWN_FROM) return;
    const place = this.part('progress');
    const size = (bytes) => (bytes / 1e6).toFixed(1);
    place.hidden = false;
    Object.assign(place.querySelector('progress'), { max: all, value: done });
    place.querySelector('span').textContent = fill(words.fetching, { done: size(done), all: size(all) });
  }

  refresh() {
    showStatus(this.root, this.lists, this.now(), this.ready);
    showLists(this.root, this.lists, this.now());
  }

  /** Ready when the worker that keeps the page is at work and the reader of codes is loaded. */
  async install() {
    if (this.ready === 'never') return;
    await Promise.all([navigator.serviceWorker.ready, prepare().catch(() => null)]);
    this.ready = 'ready';
    this.refresh();
  }
}

const root = document.querySelector('[data-oc-verifier]');
if (root) new Verifier(root).start();
