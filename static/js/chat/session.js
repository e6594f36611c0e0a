/** One chat on the page: the conversation, what waits below it, the composer, and what people may do to its runs. */
import { Channel } from "../session/channel.js";
import { Commands } from "../session/commands.js";
import { isBusy, isRunOver } from "../session/fold.js";
import { ArtifactPanel } from "./artifact_panel.js";
import { AskBar } from "./asks.js";
import { CiteCard } from "./cite.js";
import { Composer } from "./composer.js";
import { copyButtons } from "./copy.js";
import { setText } from "./dom.js";
import { Handover } from "./handover.js";
import { ModeChoice, PolicyChoice } from "./modes.js";
import { SessionNews } from "./news.js";
import { People } from "./people.js";
import { Presence } from "./presence.js";
import { Queue } from "./queue.js";
import { ReadReporter } from "./read.js";
import { Conversation } from "./render.js";
import { Follower } from "./scroll.js";
import { StopControl } from "./stop.js";
import { toolWords, totalUsage } from "./words.js";

const find = (selector) => document.querySelector(selector);

/** @returns {{channel: Channel, composer: Composer, tick: () => void}} */
export function openSession({ page, socket, outbox, list, toasts, announcer, onState, warnNotKept }) {
  const id = page.session;
  const me = page.actor;
  const commands = new Commands({ socket });
  const run = (command, fields) => commands.run(id, command, fields);
  const fail = ({ message, code }) => toasts.show(message, { code });
  const view = () => channel.view;
  const mayAct = () => {
    const person = view().participants[me];
    return person == null ? true : person.here && person.role !== "observer";
  };
  const nameOf = (actor, of = view()) => {
    if (actor === me) return "You";
    if (actor?.startsWith("agent:")) return page.agents[actor.slice("agent:".length)] ?? toolWords(actor.slice("agent:".length));
    return of?.participants[actor]?.name ?? (actor === "system" ? "Clewline" : "Someone");
  };
  /** What the cards, turns and the queue may ask for. */
  const actions = {
    me,
    run,
    fail,
    mayAct,
    nameOf: (actor) => nameOf(actor),
    participants: () => view().participants,
    say: (text, loud = false) => (loud ? toasts.show(text) : announcer.say(text)),
    revise: (runId, text) => ask("revise", { run: runId, id: outbox.newId(), text }),
    regenerate: (runId) => ask("regenerate", { run: runId, id: outbox.newId() }),
    show: (runId) => ask("branch", { run: runId }),
    stop: (runId) => stop.stop([runId]),
    isStopping: (runId) => stop.stopping.has(runId),
    decide: (replies) => run("decide", { replies }),
    undo: (call) => run("undo", { call }),
    openArtifact: (item, opener) => panel.open(item, opener),
  };

  /** Whether it was done; if not, the person has been told why. */
  const ask = async (command, fields) => {
    try {
      await run(command, fields);
      return true;
    } catch (problem) {
      fail(problem);
      return false;
    }
  };

  const composer = new Composer({
    form: find("#composer"),
    draft: outbox.draft(id),
    keepDraft: (text) => outbox.keepDraft(id, text),
    onSend: (text) => send(text, mode.value),
  });
  const mode = new ModeChoice(find("#send-mode"));
  const policy = new PolicyChoice({ select: find("#policy"), run, fail });
  const follower = new Follower({ scroller: find("#scroller"), jump: find("#jump"), onEnd: () => reader?.note() });
  const queue = new Queue({ root: find("#queue"), outbox, session: id, onEdit: (text) => composer.edit(text), actions });
  const conversation = new Conversation({
    root: find("#items"),
    nameOf,
    actions,
    afterWrite: () => {
      queue.update(view(), socket.state);
      follower.written();
      find("#first-words")?.toggleAttribute("hidden", view().items.length + queue.count > 0);
      reader?.note();
    },
  });
  const news = new SessionNews({ announcer, me, nameOf, holder: page.view?.session?.control?.actor ?? null });
  const channel = new Channel({
    socket,
    id,
    view: page.view,
    at: page.at,
    onChange: (changes) => {
      if (channel.state === "live") news.tell(channel.fold, changes);
      conversation.change(channel.fold, changes);
      settle(changes);
      if (changes.some((change) => change.type !== "append")) showControls();
    },
    onReplace: () => {
      conversation.change(channel.fold, null);
      settle(null);
      showControls();
    },
    onState,
  });
  const stop = new StopControl({
    button: find("#stop"),
    run,
    view,
    mayAct,
    fail,
    onChange: (ids) => conversation.change(channel.fold, ids.map((each) => ({ type: "run", id: each }))),
  });
  const panel = new ArtifactPanel({
    root: find("#artifact-panel"),
    say: (text) => announcer.say(text),
    onAsk: (text) => composer.edit(text),
    csrf: () => find("#composer [name=csrfmiddlewaretoken]").value,
  });
  const asks = new AskBar({ root: find("#asks"), dialog: find("#approve-all"), view, actions });
  const handover = new Handover({ note: find("#control-note"), button: find("#handover"), view, run, actions });
  const people = new People({ dialog: find("#people"), opener: find("#people-open"), view, run, actions, onLeft: () => location.assign("/chat/") });
  const presence = new Presence({ socket, session: id, root: find("#presence"), line: find("#typing"), box: composer.box, nameOf, me });
  const reader = new ReadReporter({ socket, list, session: id, channel, isLooking: () => document.visibilityState === "visible" && follower.atEnd });

  document.addEventListener("visibilitychange", () => reader.note());
  outbox.onChange(() => {
    conversation.change(channel.fold, []);
    if (!outbox.kept) warnNotKept();
  });
  new CiteCard(find("#items"));
  copyButtons(find("#items"), (runId) => conversation.answerText(runId));
  for (const example of document.querySelectorAll("[data-example]")) {
    example.addEventListener("click", () => composer.edit(example.textContent.trim()));
  }
  // The view that came with the page is shown at once; the socket continues from there.
  conversation.change(channel.fold, null);
  conversation.write();
  showControls();
  follower.toEnd();
  return {
    channel,
    composer,
    tick: () => {
      conversation.tick();
      handover.tick();
    },
  };

  function send(text, chosen = null) {
    const { session } = view();
    if (session?.archived) {
      toasts.show("This chat is archived. Restore it to write here; your text is kept.", { code: "session_archived" });
      return false;
    }
    if (!mayAct()) {
      toasts.show("You may read this chat, not write to it. Its owner can change that; your text is kept.", { code: "not_allowed" });
      return false;
    }
    outbox.add(id, text, chosen);
    presence.sent();
    if (isBusy(view())) announcer.say(news.sent(chosen ?? session?.whileBusy));
    mode.used();
    showControls();
    follower.toEnd();
    return true;
  }

  function settle(changes) {
    if (changes && !changes.some((change) => change.type === "inputs" || change.type === "item")) return;
    outbox.seen(id, (input) => channel.fold.items.has(input) || view().inputs.some((each) => each.id === input));
  }

  /** Whatever stands around the conversation; not needed for words that only grow. */
  function showControls() {
    const { session, runs } = view();
    const { title, archived = false, control = null, whileBusy = "queue" } = session ?? {};
    setText(find("#chat-title"), title || "Untitled");
    document.title = `${title || "Untitled"} · Clewline`;
    find("#archived-note").toggleAttribute("hidden", !archived);
    stop.update();
    const steerable = Object.values(runs).some((each) => !isRunOver(each));
    mode.update({ busy: isBusy(view()) && control == null && mayAct(), steerable, policy: whileBusy });
    policy.update({ policy: whileBusy, mayAct: mayAct() });
    asks.update();
    handover.update();
    people.update();
    composer.box.placeholder = control ? "Write to the people here" : mayAct() ? "Ask, or tell what to do next" : "You may read this chat";
    const { tokens, cost } = totalUsage(runs);
    setText(find("#total"), tokens ? `This chat so far: ${[`${tokens.toLocaleString()} tokens`, cost].filter(Boolean).join(", ")}` : "");
  }
}
