/**
 * Runs in the browser: looks again every few seconds, as long as somebody looks at the page, and puts in what has changed.
 * Where one has scrolled to, what is selected elsewhere and what has the focus stay.
 */
export const REFRESH = `
const seconds = () => Number(document.body.dataset.refreshSeconds ?? 0);
const named = (id) => document.getElementById(id);
let timer;

function putIn(page) {
  const main = document.querySelector('main');
  const parts = [...page.querySelector('main').children];
  const focused = document.activeElement?.id;
  parts.forEach((part, index) => {
    const before = main.children[index];
    if (!before) main.append(part);
    else if (!before.isEqualNode(part)) before.replaceWith(part);
  });
  while (main.children.length > parts.length) main.lastElementChild.remove();
  if (focused && document.activeElement?.id !== focused) named(focused)?.focus({ preventScroll: true });
  for (const id of ['said', 'asOf']) {
    const text = page.getElementById(id).textContent;
    if (named(id).textContent !== text) named(id).textContent = text;
  }
  document.title = page.title;
  document.body.dataset.refreshSeconds = page.body.dataset.refreshSeconds;
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(location.pathname, { cache: 'no-store', signal: AbortSignal.timeout(60000) });
    putIn(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    named('lost').hidden = true;
  } catch {
    named('lost').hidden = false;
  }
  wait();
}

function wait() {
  clearTimeout(timer);
  if (seconds() > 0 && !document.hidden) timer = setTimeout(look, seconds() * 1000);
}

document.addEventListener('visibilitychange', () => {
  if (seconds() > 0 && !document.hidden) void look();
});
wait();
`;
