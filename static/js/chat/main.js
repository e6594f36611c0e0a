/** The chat page: wires the session's modules to the page that the server made. */
import { Channel } from "../session/channel.js";
import { isBusy } from "../session/fold.js";
import { Outbox } from "../session/outbox.js";
import { Socket } from "../session/socket.js";
import { SessionList } from "../session/store.js";
import { Announcer } from "./announce.js";
import { Composer } from "./composer.js";
import { ConnectionLine } from "./connection.js";
import { copyButtons } from "./copy.js";
import { setText } from "./dom.js";
import { keys } from "./keys.js";
import { startChat } from "./new.js";
import { Queue } from "./queue.js";
import { ReadReporter } from "./read.js";
import { Conversation } from "./render.js";
import { Follower } from "./scroll.js";
import { Sidebar } from "./sidebar.js";
import { Toasts } from "./toast.js";
import { toolWords } from "./words.js";

const find = (selector) => document.querySelector(selector);
const page = JSON.parse(find("#chat-data").textContent);
const storage = storageOrNothing();

const socket = new Socket({ url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.socket}` });
const outbox = new Outbox({ socket, actor: page.actor, storage });
const list = new SessionList({ socket, entries: page.sessions });
const toasts = new Toasts(find("#toasts"));
const announcer = new Announcer(find("#announcer"));
const sidebar = find("#chat-list") && new Sidebar({ root: find("#chat-list"), list, current: page.session });
const signIn = `${page.signIn}?next=${encodeURIComponent(location.pathname)}`;

addEventListener("storage", (event) => (event.key === null || event.key.startsWith(outbox.prefix)) && outbox.reload());
addEventListener("online", () => socket.nudge());
addEventListener("offline", () => socket.goneOffline());
addEventListener("pageshow", (event) => event.persisted && socket.nudge());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && socket.nudge());

const ticking = [];
let channel = null;
let connection = null;
let shownState = null;
const composer = page.session ? openSession(page.session) : startChat({ outbox, toasts, signIn });
// Ready to write; on glass that would call up the keyboard.
if (composer && !composer.touch) composer.box.focus({ preventScroll: true });
keys({ help: find("#chat-help"), search: find("#chat-search"), composer });
menus();

// Another person may have signed in here since the page was made: this page is not theirs.
socket.onFrame((frame) => {
  if (frame.t === "welcome" && frame.actor !== page.actor) {
    socket.close();
    toasts.show("Another person signed in here. Load the page again to go on.", { code: "other_person", way: { label: "Load again", run: () => location.reload() } });
  } else if (frame.t === "error" && frame.ref == null) {
    toasts.show(frame.message, { code: frame.code });
  }
});
connection = find("#connection") && new ConnectionLine({ root: find("#connection"), socket, channel, signInUrl: signIn, onChange: connectionChanged });
socket.onState(() => showConnection());
socket.connect();
setInterval(everySecond, 1000);

function openSession(id) {
  const nameOf = (actor, view) => {
    if (actor === page.actor) return "You";
    if (actor?.startsWith("agent:")) return page.agents[actor.slice("agent:".length)] ?? toolWords(actor.slice("agent:".length));
    return view?.participants[actor]?.name ?? "Someone";
  };
  const composer = new Composer({
    form: find("#composer"),
    draft: outbox.draft(id),
    keepDraft: (text) => outbox.keepDraft(id, text),
    onSend: (text) => send(id, text),
  });
  const follower = new Follower({ scroller: find("#scroller"), jump: find("#jump"), onEnd: () => reader?.note() });
  const queue = new Queue({ root: find("#queue"), outbox, session: id, onEdit: (text) => composer.edit(text), nameOf, me: page.actor });
  const conversation = new Conversation({
    root: find("#items"),
    nameOf,
    onAgain: (text) => send(id, text),
    afterWrite: () => {
      queue.update(channel.view, socket.state);
      follower.written();
      find("#first-words")?.toggleAttribute("hidden", channel.view.items.length + find("#queue").childElementCount > 0);
      reader?.note();
    },
  });
  channel = new Channel({
    socket,
    id,
    view: page.view,
    at: page.at,
    onChange: (changes) => {
      announceChanges(changes, nameOf);
      conversation.change(channel.fold, changes);
      if (changes.some((change) => change.type === "session")) showSession(channel.view.session);
      settle(changes);
    },
    onReplace: () => {
      conversation.change(channel.fold, null);
      showSession(channel.view.session);
      settle(null);
    },
    onState: () => showConnection(),
  });
  const reader = new ReadReporter({ socket, list, session: id, channel, isLooking: () => document.visibilityState === "visible" && follower.atEnd });
  document.addEventListener("visibilitychange", () => reader.note());
  outbox.onChange(() => {
    conversation.change(channel.fold, []);
    if (!outbox.kept) warnNotKept();
  });
  const settle = (changes) => {
    if (changes && !changes.some((change) => change.type === "inputs" || change.type === "item")) return;
    outbox.seen(id, (input) => channel.fold.items.has(input) || channel.view.inputs.some((each) => each.id === input));
  };
  copyButtons(find("#items"), (run) => conversation.answerText(run));
  for (const example of document.querySelectorAll("[data-example]")) {
    example.addEventListener("click", () => composer.edit(example.textContent.trim()));
  }
  ticking.push(() => conversation.tick());
  // The view that came with the page is shown at once; the socket continues from there.
  conversation.change(channel.fold, null);
  conversation.write();
  follower.toEnd();
  return composer;

  function send(session, text) {
    if (channel.view.session?.archived) {
      toasts.show("This chat is archived. Restore it to write here; your text is kept.", { code: "session_archived" });
      return false;
    }
    outbox.add(session, text);
    if (isBusy(channel.view)) announcer.say("Your message is queued.");
    follower.toEnd();
    return true;
  }
}

function showSession(session) {
  const { title, archived } = session ?? {};
  setText(find("#chat-title"), title || "Untitled");
  document.title = `${title || "Untitled"} · Clewline`;
  find("#archived-note")?.toggleAttribute("hidden", !archived);
}

/** Only what happens while one follows: what was missed is there to be read. */
function announceChanges(changes, nameOf) {
  if (channel.state !== "live") return;
  const { view, fold } = channel;
  for (const change of changes) {
    if (change.type === "item") {
      const item = fold.items.get(change.id);
      if (item?.kind === "message" && item.role === "assistant" && item.status === "done") announcer.answer(nameOf(item.actor, view), item.text);
      else if (item?.kind === "message" && item.role === "user" && item.actor !== page.actor && item.status === "done") announcer.say(`${nameOf(item.actor, view)} wrote: ${item.text}`);
    } else if (change.type === "run") {
      const run = view.runs[change.id];
      if (run.status === "failed") announcer.say(`No answer came. ${run.error?.message ?? ""}`);
      else if (run.status === "retrying") announcer.say("The answer was interrupted and is being tried again.");
      else if (run.status === "cancelled") announcer.say("The answer was stopped.");
    }
  }
}

function connectionChanged(words, before) {
  if (before === undefined && words.state === "live") return;
  if (words.state === "live") announcer.say("Connected again.");
  else if (words.state !== "wait") announcer.say(words.text);
}

function showConnection() {
  connection?.update();
  if (shownState !== socket.state) {
    shownState = socket.state;
    if (channel) outbox.listeners.forEach((listener) => listener());
  }
}

function warnNotKept() {
  toasts.show("This browser keeps nothing, so a message that is not sent yet would go with this tab.", { code: "storage_unavailable" });
}

function everySecond() {
  if (document.visibilityState !== "visible") return;
  if (socket.state === "waiting") connection?.update();
  for (const tick of ticking) tick();
  if (Math.floor(Date.now() / 1000) % 30 === 0) sidebar?.tick();
}

/** Menus are details elements: a click elsewhere and Escape close them. */
function menus() {
  const menu = find("details.menu");
  if (!menu) return;
  document.addEventListener("click", (event) => menu.open && !menu.contains(event.target) && (menu.open = false));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

function storageOrNothing() {
  try {
    localStorage.setItem("clewline.probe", "1");
    localStorage.removeItem("clewline.probe");
    return localStorage;
  } catch {
    const memory = new Map();
    return {
      get length() {
        throw new Error("nothing is kept");
      },
      key: () => null,
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, value) => void memory.set(key, value),
      removeItem: (key) => void memory.delete(key),
    };
  }
}
