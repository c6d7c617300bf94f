// The left side: search box, counts, the list, and what is said about arrivals.

import {byId, setText} from './dom.js';
import {count, firstCalled, subjectOf} from './format.js';
import {MessageList} from './list.js';
import {atMostEvery, eachFrame, whenQuiet} from './schedule.js';

const TYPING_MS = 150;
const TELL_MS = 2000;

export class Side {
    list;
    #store;
    #search;
    #read;
    #box = byId('search');
    #root = byId('list');
    #open;
    #wish = null; // what becomes of the first hit as soon as it is known
    #unseenNews = 0; // arrived while the reader was further down
    #untold = {number: 0, last: null}; // arrived since it was last said aloud
    #tellAloud = atMostEvery(TELL_MS, () => this.#announce());
    #draw = eachFrame(() => this.#render());

    // open(id) is for the first hit of a search
    constructor(store, search, read, open) {
        this.#store = store;
        this.#search = search;
        this.#read = read;
        this.#open = open;
        this.list = new MessageList(this.#root, store, (id) => read.has(id));
        store.addEventListener('change', () => this.#draw());
        store.addEventListener('arrived', (event) => this.#arrived(event.detail));
        search.addEventListener('change', (event) => this.#searched(event.detail.anew));
        read.addEventListener('change', () => this.#draw());
        this.#root.addEventListener('scroll', () => this.#scrolled(), {passive: true});
        byId('to-top').addEventListener('click', () => {
            this.list.toTop();
            this.#root.focus();
        });
        this.#listenToBox();
    }

    get source() {
        return this.#search.answered ? this.#search : this.#store;
    }

    focus() {
        this.#root.focus({preventScroll: true});
    }

    focusSearch() {
        this.#box.focus();
        this.#box.select();
    }

    clearSearch() {
        if (this.#box.value === '' && !this.#search.active) {
            return false;
        }
        this.#box.value = '';
        this.#wish = null;
        this.#seek();
        return true;
    }

    #listenToBox() {
        const soon = whenQuiet(TYPING_MS, () => this.#seek());
        this.#box.addEventListener('input', () => {
            this.#wish = null;
            soon();
        });
        this.#box.addEventListener('keydown', (event) => {
            if (event.key === 'Escape') {
                event.preventDefault(); // else Chromium empties it by itself, and tells later
                this.clearSearch();
                this.focus();
            } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
                event.preventDefault();
                this.#seek();
                this.#wish = event.key === 'Enter' && this.#search.active
                    ? this.#open : (id) => this.#markFirst(id);
                this.#fulfil();
            }
        });
    }

    #markFirst(id) {
        this.list.mark(id);
        this.focus();
    }

    #fulfil() {
        const first = this.source.ids.at(-1);
        if (this.#search.busy || this.#wish === null) {
            return;
        }
        const wish = this.#wish;
        this.#wish = null;
        if (first !== undefined) {
            wish(first);
        }
    }

    #seek() {
        const query = this.#box.value.trim();
        if (query === this.#search.query) {
            return;
        }
        this.#search.set(query);
    }

    #searched(anew) {
        if (anew) {
            this.#unseenNews = 0;
            this.list.show(this.source);
        }
        this.#fulfil();
        this.#draw();
    }

    #render() {
        this.list.render();
        const {total, ids} = this.#store;
        document.title = total > 0 ? `(${total}) prankmock` : 'prankmock';
        setText(byId('count'), this.#counts());
        byId('delete-all').hidden = this.#search.active || total === 0;
        byId('read-all').hidden = this.#search.active || this.#unread() === 0;
        byId('show-older').hidden = this.#search.active || total <= ids.length;
        const nothing = this.#nothing();
        byId('list-empty').hidden = nothing === '';
        setText(byId('list-empty'), nothing);
        this.#pill();
    }

    #unread() {
        return this.#store.ids.reduce((sum, id) => sum + (this.#read.has(id) ? 0 : 1), 0);
    }

    #counts() {
        const {total} = this.#store;
        if (!this.#store.ready) {
            return '';
        }
        if (this.#search.busy && !this.#search.answered) {
            return 'searching …';
        }
        if (this.#search.answered) {
            return `${this.#search.matching.toLocaleString('en')} of ${count(total, 'message')}`;
        }
        const unread = this.#unread();
        const rest = unread > 0 ? `, ${unread.toLocaleString('en')} unread` : '';
        return count(total, 'message') + rest;
    }

    #nothing() {
        if (!this.#store.ready || this.source.ids.length > 0) {
            return '';
        }
        if (!this.#search.active) {
            return 'No mail yet.';
        }
        return this.#search.failed ?? `Nothing matches “${this.#search.query}”.`;
    }

    #arrived(news) {
        if (!this.list.atTop && !this.#search.active) {
            this.#unseenNews += news.length;
        }
        this.#untold = {number: this.#untold.number + news.length, last: news.at(-1)};
        this.#tellAloud();
        this.#draw();
    }

    #announce() {
        const {number, last} = this.#untold;
        this.#untold = {number: 0, last: null};
        byId('live').textContent = number === 1
            ? `New message from ${firstCalled(last.from, 'nobody')}: ${subjectOf(last)}`
            : count(number, 'new message');
    }

    #scrolled() {
        if (this.list.atTop && this.#unseenNews > 0) {
            this.#unseenNews = 0;
            this.#pill();
        }
    }

    #pill() {
        const pill = byId('to-top');
        pill.hidden = this.#unseenNews === 0;
        setText(pill, `↑ ${count(this.#unseenNews, 'new message')}`);
    }
}
