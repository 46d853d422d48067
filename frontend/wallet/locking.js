/* The lock on the page of what is kept: putting it on, opening it, taking it off. It falls shut when the page is left. */
import { canLock, isLongEnough } from './lock.js';
import { isLocked, lockAll, openAll, shut, unlockAll } from './kept.js';

const FALLS_SHUT_AFTER = 60_000;

export class Locking {
  /** `draw` shows what can be read now. */
  constructor(page, draw) {
    this.page = page;
    this.draw = draw;
    const on = (name, act) => this.part(name).addEventListener('submit', (event) => {
      event.preventDefault();
      this.busy(event.target, act);
    });
    on('open', (form) => this.open(form));
    on('lock', (form) => this.lock(form));
    on('unlock', () => this.unlock());
    document.addEventListener('visibilitychange', () => this.leave());
  }

  part(name) {
    return this.page.querySelector(`[data-${name}-form]`);
  }

  async busy(form, act) {
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      await act(form);
    } finally {
      button.disabled = false;
    }
  }

  /** `state` is "none", "open" or "shut"; `count` how much is kept. */
  show(state, count) {
    this.page.querySelector('[data-locked]').hidden = state !== 'shut';
    this.page.querySelector('[data-lock]').hidden = state === 'shut' || !count || !canLock();
    this.part('lock').closest('details').hidden = state !== 'none';
    this.part('unlock').hidden = state !== 'open';
  }

  async open(form) {
    const field = form.querySelector('input');
    if (!(await openAll(field.value))) {
      this.say(form, 'wrong');
      field.select();
      return;
    }
    field.value = '';
    this.say(form, null);
    await this.draw();
    this.page.querySelector('[data-list]').focus();
  }

  async lock(form) {
    const [code, again] = form.querySelectorAll('input');
    if (!isLongEnough(code.value)) return this.say(form, 'short', code);
    if (code.value.trim() !== again.value.trim()) return this.say(form, 'differ', again);
    await lockAll(code.value);
    form.closest('details').open = false;
    code.value = again.value = '';
    this.say(form, null);
    await this.draw();
    return this.part('unlock').querySelector('button').focus();
  }

  async unlock() {
    await unlockAll();
    await this.draw();
    this.part('lock').closest('details').querySelector('summary').focus();
  }

  say(form, fault, field = form.querySelector('input')) {
    const place = form.querySelector('[role=alert]');
    place.textContent = fault ? place.dataset[fault] : '';
    for (const one of form.querySelectorAll('input')) one.removeAttribute('aria-invalid');
    if (!fault) return;
    field.setAttribute('aria-invalid', 'true');
    field.focus();
  }

  /** Put away for a minute, it is locked again. */
  leave() {
    clearTimeout(this.bell);
    if (!document.hidden) return;
    this.bell = setTimeout(async () => {
      if (!(await isLocked())) return;
      shut();
      await this.draw();
    }, FALLS_SHUT_AFTER);
  }
}
