/** The chat page: wires the session's modules to the page that the server made. */
import { Outbox } from "../session/outbox.js";
import { Socket } from "../session/socket.js";
import { SessionList } from "../session/store.js";
import { Announcer } from "./announce.js";
import { ConnectionLine } from "./connection.js";
import { InboxCount } from "./inbox.js";
import { keys } from "./keys.js";
import { startChat } from "./new.js";
import { openSession } from "./session.js";
import { Sidebar } from "./sidebar.js";
import { SlashPalette } from "./slash.js";
import { Toasts } from "./toast.js";

const find = (selector) => document.querySelector(selector);
const page = JSON.parse(find("#chat-data").textContent);
const storage = storageOrNothing();

const socket = new Socket({ url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${page.socket}` });
const outbox = new Outbox({ socket, actor: page.actor, storage });
const list = new SessionList({ socket, entries: page.sessions });
const toasts = new Toasts(find("#toasts"));
const announcer = new Announcer(find("#announcer"));
const sidebar = find("#chat-list") && new Sidebar({ root: find("#chat-list"), list, current: page.session });
if (find("[data-inbox]")) new InboxCount({ socket, roots: document.querySelectorAll("[data-inbox]") });
const signIn = `${page.signIn}?next=${encodeURIComponent(location.pathname)}`;

addEventListener("storage", (event) => (event.key === null || event.key.startsWith(outbox.prefix)) && outbox.reload());
addEventListener("online", () => socket.nudge());
addEventListener("offline", () => socket.goneOffline());
addEventListener("pageshow", (event) => event.persisted && socket.nudge());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && socket.nudge());

const warnNotKept = () =>
  toasts.show("This browser keeps nothing, so a message that is not sent yet would go with this tab.", { code: "storage_unavailable" });
let connection = null;
let shownState = null;
const chat = page.session ? openSession({ page, socket, outbox, list, toasts, announcer, onState: () => showConnection(), warnNotKept }) : null;
const composer = chat ? chat.composer : startChat({ outbox, toasts, signIn });
// Ready to write; on glass that would call up the keyboard.
if (composer && !composer.touch) composer.box.focus({ preventScroll: true });
if (composer && find("#slash")) new SlashPalette({ root: find("#slash"), composer, announcer });
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
connection = find("#connection") && new ConnectionLine({ root: find("#connection"), socket, channel: chat?.channel, signInUrl: signIn, onChange: connectionChanged });
socket.onState(() => showConnection());
socket.connect();
setInterval(everySecond, 1000);

function connectionChanged(words, before) {
  if (before === undefined && words.state === "live") return;
  if (words.state === "live") announcer.say("Connected again.");
  else if (words.state !== "wait") announcer.say(words.text);
}

function showConnection() {
  connection?.update();
  if (shownState !== socket.state) {
    shownState = socket.state;
    if (chat) outbox.listeners.forEach((listener) => listener());
  }
}

function everySecond() {
  if (document.visibilityState !== "visible") return;
  if (socket.state === "waiting") connection?.update();
  chat?.tick();
  if (Math.floor(Date.now() / 1000) % 30 === 0) sidebar?.tick();
}

/** Menus are details elements: a click elsewhere and Escape close them. */
function menus() {
  const menu = find("details.menu");
  if (!menu) return;
  document.addEventListener("click", (event) => menu.open && !menu.contains(event.target) && (menu.open = false));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.preventDefault();
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
