// Ties everything together: the store, the list, the views, the address and the keys.

import * as api from './api.js';
import {ask, say, showKeys} from './ask.js';
import {CampaignsView} from './campaigns.js';
import {byId} from './dom.js';
import {follow} from './events.js';
import {FaultsView} from './faults.js';
import {count, subjectOf} from './format.js';
import {listen} from './keys.js';
import {MessageView} from './message.js';
import {ReadMarks} from './read.js';
import {go, goInstead, messageHash, parse} from './route.js';
import {Search} from './search.js';
import {Side} from './side.js';
import {Store} from './store.js';
import {welcome} from './welcome.js';

const NARROW = window.matchMedia('(max-width: 48rem)');
const STATES = {
    live: 'live', connecting: 'connecting', reconnecting: 'reconnecting …',
    gone: 'the server does not answer; start prankmock again',
};

const store = new Store();
const search = new Search(store);
const read = new ReadMarks();
const side = new Side(store, search, read, openToRead);
const main = byId('main');
const campaigns = new CampaignsView(main, store, back);
const faults = new FaultsView(main, back);
const view = new MessageView(main, {
    back,
    remove: removeMessage,
    chooseTab: (name) => goInstead(messageHash(view.id, name)),
    tabNow: () => (route.view === 'message' ? route.tab : null),
    opened: (id) => {
        read.add([id]);
        if (focusWanted || NARROW.matches) {
            focusWanted = false;
            focusHeading();
        }
    },
});

let route = {view: 'welcome'};
let hash = '#/'; // of the route
let cameFrom = '#/'; // where Escape leads from a message
let focusWanted = false; // the message that is being opened gets the focus
let openWasKept = false; // the open message was in the list
let started = null; // the run of the server
let welcomed = ''; // what the welcome page said last

function focusHeading() {
    main.querySelector('h1')?.focus({preventScroll: true});
}

// Views

function leave(next) {
    if (route.view !== 'message') {
        cameFrom = hash;
    }
    if (next.view !== 'message') {
        view.close();
    }
    if (!next.view.startsWith('campaign')) {
        campaigns.close();
    }
    if (next.view !== 'faults') {
        faults.close();
    }
}

function showRoute() {
    const next = parse(window.location.hash);
    leave(next);
    hash = window.location.hash || '#/';
    route = next;
    side.list.setOpened(route.view === 'message' ? route.id : null);
    openWasKept = route.view === 'message' && search.get(route.id) !== undefined;
    const show = {
        message: () => view.show(route.id, route.tab),
        campaigns: () => campaigns.show(null),
        campaign: () => campaigns.show(route.name),
        faults: () => faults.show(),
        welcome: showWelcome,
    };
    show[route.view]();
    showPane();
}

// On a narrow screen there is room for the list or for the view.
function showPane() {
    const list = route.view === 'welcome' && !(store.ready && store.total === 0);
    document.body.dataset.pane = list ? 'list' : 'main';
    const active = route.view.startsWith('campaign') ? 'campaigns'
        : route.view === 'faults' ? 'faults' : 'mail';
    for (const link of document.querySelectorAll('.views a')) {
        if (link.dataset.view === active) {
            link.setAttribute('aria-current', 'page');
        } else {
            link.removeAttribute('aria-current');
        }
    }
}

store.addEventListener('change', () => {
    if (!store.ready) {
        return; // mail that came before the first list; the list will have it
    }
    read.begin(store.stats.started, store.ids);
    if (started !== null && started !== store.stats.started) {
        go('#/'); // another run of the server: its ids are other messages
        search.set(search.query);
    }
    started = store.stats.started;
    if (route.view === 'message') {
        noticeDeletion();
    }
    if (route.view === 'welcome' && welcomed !== greeting()) {
        showWelcome();
    }
    showPane();
});

// What the welcome page depends on.
function greeting() {
    return `${store.stats?.started} ${store.total === 0}`;
}

function showWelcome() {
    welcomed = greeting();
    welcome(main, store);
}

function noticeDeletion() {
    if (search.get(route.id)) {
        openWasKept = true;
    } else if (openWasKept) {
        openWasKept = false;
        view.gone();
    }
}

function showState(state) {
    const place = byId('connection');
    if (place.dataset.state !== state) {
        place.dataset.state = state;
        place.querySelector('.words').textContent = STATES[state];
    }
}

// What the reader can do

function back() {
    if (route.view === 'welcome') {
        side.clearSearch();
        return;
    }
    go({message: cameFrom, campaign: '#/campaigns'}[route.view] ?? '#/');
    if (route.view !== 'campaign') {
        side.focus();
    }
}

function openMessage(id) {
    const tab = route.view === 'message' ? route.tab : undefined;
    go(messageHash(id, tab));
}

// Opens it and takes the focus there.
function openToRead(id) {
    if (route.view === 'message' && route.id === id) {
        focusHeading();
    } else {
        focusWanted = true;
        openMessage(id);
    }
}

function goTo(id) {
    if (id === null) {
        return;
    }
    if (route.view === 'message') {
        goInstead(messageHash(id, route.tab));
    } else {
        side.list.mark(id);
    }
}

function step(by) {
    goTo(side.list.neighbour(by));
}

async function removeMessage(id) {
    const message = search.get(id);
    const yes = await ask({
        title: 'Delete this message?',
        text: `${message ? `“${subjectOf(message)}”` : 'It'} is gone for good then.`,
        yes: 'Delete',
    });
    if (!yes) {
        return;
    }
    const next = otherThan(id);
    await withoutProblem(() => api.deleteMessage(id));
    if (route.view === 'message' && route.id === id) {
        goInstead(next === null || NARROW.matches ? '#/' : messageHash(next, route.tab));
    } else if (side.list.current === id) {
        side.list.mark(next);
    }
    side.focus();
}

// The message below this one, or above it when it is the last.
function otherThan(id) {
    const below = side.list.neighbour(1, id);
    const other = below === id ? side.list.neighbour(-1, id) : below;
    return other === id ? null : other;
}

async function removeAll() {
    const yes = await ask({
        title: 'Delete all messages?',
        text: `${count(store.total, 'message')}. `
            + 'They are forgotten here, for everybody who looks at this page.',
        yes: 'Delete all',
    });
    if (yes) {
        await withoutProblem(() => api.deleteAll());
        go('#/');
        side.focus();
    }
}

// What is gone already need not be deleted any more; the rest is said.
async function withoutProblem(call) {
    try {
        await call();
    } catch (error) {
        if (error.status !== 404) {
            await say({title: 'That did not work', text: error.message});
        }
    }
}

byId('list').addEventListener('click', (event) => {
    const row = event.target.closest('.row');
    if (row) {
        openMessage(Number(row.dataset.id));
    }
});
byId('delete-all').addEventListener('click', removeAll);
byId('read-all').addEventListener('click', () => read.add(store.ids));
byId('show-older').addEventListener('click', () => store.holdMore());
byId('show-keys').addEventListener('click', showKeys);

listen({
    next: () => step(1),
    previous: () => step(-1),
    page: (by) => goTo(pageAway(by)),
    end: (which) => goTo((which === 'first' ? side.source.ids.at(-1) : side.source.ids[0]) ?? null),
    open: () => {
        if (side.list.current !== null) {
            openToRead(side.list.current);
        }
    },
    remove: () => {
        const id = route.view === 'message' ? route.id : side.list.current;
        if (id !== null && search.get(id)) {
            removeMessage(id);
        }
    },
    search: () => {
        if (NARROW.matches) {
            go('#/');
        }
        side.focusSearch();
    },
    back,
    keys: showKeys,
    tab: (name) => {
        if (route.view === 'message' && byId(`tab-${name}`)) {
            goInstead(messageHash(route.id, name));
        }
    },
}, byId('list'));

function pageAway(by) {
    let id = side.list.current;
    for (let left = side.list.pageSize; left > 0; left -= 1) {
        id = side.list.neighbour(by, id);
    }
    return id;
}

window.addEventListener('hashchange', showRoute);
showRoute();
follow(store, showState);
