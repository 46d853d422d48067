/* Hand scanners that type what they read, faster than anybody can, and end it with Enter. They work wherever the focus is. */
const FAST = 60;
const SHORTEST = 12;

export function listenToScanner(onText) {
  let typed = '';
  let last = 0;
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isFast = event.timeStamp - last < FAST;
    last = event.timeStamp;
    if (event.key === 'Enter') {
      const text = isFast ? typed : '';
      typed = '';
      if (text.length < SHORTEST) return;
      event.preventDefault();
      event.stopPropagation();
      onText(text);
      return;
    }
    if (event.key.length !== 1) return;
    typed = isFast ? typed + event.key : event.key;
    // A button in focus must not be pressed by the blanks in a code.
    if (typed.length > 2 && !event.target.closest('input, textarea')) event.preventDefault();
  }, { capture: true });
}
