// What was typed in a long form and is not saved yet, kept in this browser: one entry of localStorage for each form that
// somebody opened, under whose it is, where it goes and which one it was. docs/security.md says how long and for whom.
const PREFIX = "crafter.draft:";
const LEFT = "crafter.left"; // tells the other tabs that somebody logged out
const LONGEST_MS = 7 * 24 * 3600 * 1000; // as long as the server knows which forms it carried out (services/once.py)
const LARGEST = 200_000; // characters; a form of more is refused anyhow
const MOST = 20;
let left = false;

/** Whose browser it is now; nobody's at the door, and nothing is kept of a visit by support. */
const owner = () => document.body.dataset.person;
const keyOf = (path, id) => `${PREFIX}${owner()}:${path}:${id}`;

function read(text) {
  try {
    return { at: 0, values: [], ...JSON.parse(text) };
  } catch {
    return { at: 0, values: [] };
  }
}

/** All drafts as [key, draft], the newest first; none where the browser keeps nothing. */
function all() {
  try {
    const entries = Object.entries(window.localStorage).filter(([key]) => key.startsWith(PREFIX));
    return entries.map(([key, text]) => [key, read(text)]).sort(([, one], [, other]) => other.at - one.at);
  } catch {
    return [];
  }
}

/** Keep a draft {at, values, token, sent, more}; false when that cannot be, and then nothing of it stays. */
export function keep(path, id, draft) {
  if (!owner() || left) return false;
  const text = JSON.stringify(draft);
  try {
    if (text.length > LARGEST) throw new RangeError("too large to keep");
    window.localStorage.setItem(keyOf(path, id), text);
    return true;
  } catch {
    drop(path, id);
    return false;
  }
}

export function drop(path, id) {
  try {
    window.localStorage.removeItem(keyOf(path, id));
  } catch {
    // A browser that keeps nothing has nothing to drop.
  }
}

/** This person's drafts as {path, id, ...draft}, the newest first. */
export function mine() {
  if (!owner()) return [];
  const start = `${PREFIX}${owner()}:`;
  return all().filter(([key]) => key.startsWith(start)).map(([key, draft]) => {
    const [path, id] = key.slice(start.length).split(":");
    return { path, id, ...draft };
  });
}

/** Drop what is too old or too much, and what is of anybody but the person who is logged in now. */
export function sweep() {
  const oldest = Date.now() - LONGEST_MS;
  const foreign = (key) => owner() && !key.startsWith(`${PREFIX}${owner()}:`);
  all().forEach(([key, { at }], place) => {
    if (place >= MOST || !(at > oldest) || foreign(key)) window.localStorage.removeItem(key);
  });
}

function dropAll() {
  left = true;
  for (const [key] of all()) window.localStorage.removeItem(key);
}

// Whoever logs out leaves nothing behind, in no tab: the server asks for the same by Clear-Site-Data (over https alone).
document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (defaultPrevented || !target.getAttribute("action")?.endsWith("/logout")) return;
  dropAll();
  // Who types on was asked whether to leave, and stayed.
  document.addEventListener("input", () => { left = false; }, { once: true });
  try {
    window.localStorage.setItem(LEFT, String(Date.now()));
    window.localStorage.removeItem(LEFT);
  } catch {
    // Nothing is kept here.
  }
});
window.addEventListener("storage", ({ key }) => {
  if (key === LEFT || key === null) dropAll();
});
