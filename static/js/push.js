// The button by which somebody lets this browser show notices.
import { toast } from './toast.js';

const place = document.querySelector('[data-push]');
if (place) begin(place);

async function begin(place) {
  const state = place.querySelector('[data-push-state]');
  const on = place.querySelector('[data-push-on]');
  const say = (words) => {
    state.textContent = words;
  };
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    say('This browser cannot show notices when no page is open. On an iPhone, add Clewline to the home screen first.');
    return;
  }
  const registration = await navigator.serviceWorker.register('/service-worker.js', { scope: '/' });
  const known = new Set(place.dataset.known.split(' '));
  const subscribed = await registration.pushManager.getSubscription();
  const hash = subscribed ? await digest(subscribed.endpoint) : '';
  if (hash && known.has(hash)) {
    document.querySelector(`[data-device="${hash}"] td`)?.append(' (this one)');
    say('This device is on.');
    return;
  }
  if (Notification.permission === 'denied') {
    say('This browser was told to show no notices of Clewline. Allow them in its settings, then reload this page.');
    return;
  }
  say('This device is off.');
  on.hidden = false;
  on.addEventListener('click', async () => {
    on.disabled = true;
    try {
      await subscribe(registration, place);
      location.reload();
    } catch (problem) {
      toast(problem.message || 'This browser refused. Try again, or use another one.', { bad: true });
      on.disabled = false;
    }
  });
}

async function subscribe(registration, place) {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('Notices were not allowed.');
  await navigator.serviceWorker.ready;
  const key = bytes(place.dataset.key);
  // A subscription made with another key of the site is of no use.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const answer = await fetch(place.dataset.subscribe, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value,
    },
    body: JSON.stringify(made),
  });
  if (answer.ok) return;
  await made.unsubscribe();
  const { error } = await answer.json().catch(() => ({}));
  throw new Error(error?.message ?? `The server answered with an error (${answer.status}). Try again later.`);
}

async function digest(text) {
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(sum)].map((each) => each.toString(16).padStart(2, '0')).join('');
}

function bytes(text) {
  const padded = text.replaceAll('-', '+').replaceAll('_', '/').padEnd(Math.ceil(text.length / 4) * 4, '=');
  return Uint8Array.from(atob(padded), (each) => each.charCodeAt(0));
}
