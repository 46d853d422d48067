/** `<... data-oc-undo data-seconds="30">`: shows the time left and goes when it is over. */
export function countDownUndo() {
  document.querySelectorAll('[data-oc-undo]').forEach((bar) => {
    const left = bar.querySelector('[data-left]');
    const end = Date.now() + Number(bar.dataset.seconds) * 1000;
    const timer = setInterval(() => {
      const seconds = Math.ceil((end - Date.now()) / 1000);
      if (left) left.textContent = Math.max(0, seconds);
      // Whoever is on the button keeps it until they leave: it must not vanish under the finger.
      if (seconds > 0 || bar.contains(document.activeElement)) return;
      clearInterval(timer);
      bar.remove();
    }, 500);
  });
}
