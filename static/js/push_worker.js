// The service worker: shows notices that come while no page is open, and opens what they are about. It caches nothing.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  let news = {};
  try {
    news = event.data?.json() ?? {};
  } catch {
    // Not one of ours, or cut: browsers want to see something for every push.
  }
  const { title = 'Clewline', body = '', url = '/inbox/', tag = '' } = news;
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url }, icon: '/static/img/icon.svg' }));
});

// Only pages of this site, whatever the message says.
const target = (url) => {
  const found = new URL(url, self.location.origin);
  return found.origin === self.location.origin ? found.href : new URL('/inbox/', self.location.origin).href;
};

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const href = target(event.notification.data?.url ?? '/inbox/');
  event.waitUntil(open(href));
});

async function open(href) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = pages.find((page) => page.url === href);
  if (there) return there.focus();
  return self.clients.openWindow(href);
}
