// The list of messages. Only the rows that can be seen exist, so five thousand messages cost as
// much as twenty.

import {shown} from './compare.js';
import {el, foreign, icon, setText, unseen} from './dom.js';
import {called, firstCalled, longTime, shortList, shortTime, size, subjectOf} from './format.js';
import {eachFrame} from './schedule.js';
import {placeOf} from './store.js';

const MARGIN = 6; // rows above and below what can be seen
const NEW_MS = 1500;

export class MessageList {
    current = null; // the marked row's id
    #root;
    #rows = el('div', {class: 'rows', role: 'presentation'});
    #source; // {ids, get(id)}
    #isRead;
    #shown = new Map(); // id → {row, message}
    #opened = null;
    #rowHeight = 0;
    #anchor = null; // the topmost row seen: {id, index}; null at the top, where the newest belong
    #newestBefore = null;

    render = eachFrame(() => this.#render());

    constructor(root, source, isRead) {
        this.#root = root;
        this.#source = source;
        this.#isRead = isRead;
        root.append(this.#rows);
        root.addEventListener('scroll', () => this.#scrolled(), {passive: true});
        new ResizeObserver(() => {
            this.#rowHeight = 0;
            this.render();
        }).observe(root);
    }

    show(source) {
        this.#source = source;
        this.#anchor = null;
        this.#newestBefore = null;
        this.#root.scrollTop = 0;
        this.render();
    }

    get atTop() {
        return this.#root.scrollTop < 8;
    }

    toTop() {
        this.#root.scrollTop = 0;
    }

    setOpened(id) {
        this.#opened = id;
        if (id !== null) {
            this.current = id;
            this.#bringIntoView(id);
        }
        this.render();
    }

    // The id `step` rows below (above, when negative) the marked one.
    neighbour(step, of = this.current) {
        const ids = this.#source.ids;
        if (ids.length === 0) {
            return null;
        }
        if (of === null) {
            return ids[ids.length - 1];
        }
        const place = placeOf(ids, of);
        const there = ids[place] === of;
        const next = place - step + (!there && step < 0 ? -1 : 0);
        return ids[Math.min(Math.max(next, 0), ids.length - 1)];
    }

    mark(id) {
        this.current = id;
        if (id !== null) {
            this.#bringIntoView(id);
        }
        this.render();
    }

    get pageSize() {
        return Math.max(1, Math.floor(this.#root.clientHeight / (this.#rowHeight || 1)) - 1);
    }

    #indexOf(id) {
        const ids = this.#source.ids;
        return ids.length - 1 - placeOf(ids, id);
    }

    #bringIntoView(id) {
        const height = this.#measure();
        const top = this.#indexOf(id) * height;
        const {scrollTop, clientHeight} = this.#root;
        this.#resize();
        if (top < scrollTop) {
            this.#root.scrollTop = top;
        } else if (top + height > scrollTop + clientHeight) {
            this.#root.scrollTop = top + height - clientHeight;
        }
    }

    #scrolled() {
        this.#remember();
        this.render();
    }

    #remember() {
        const ids = this.#source.ids;
        const height = this.#measure();
        const index = Math.floor(this.#root.scrollTop / height);
        const id = ids[ids.length - 1 - index];
        this.#anchor = this.atTop || id === undefined ? null : {id, index};
    }

    #measure() {
        if (this.#rowHeight === 0) {
            const probe = el('div', {class: 'row'});
            this.#rows.append(probe);
            this.#rowHeight = probe.offsetHeight || 76;
            probe.remove();
        }
        return this.#rowHeight;
    }

    #resize() {
        const height = `${this.#source.ids.length * this.#measure()}px`;
        if (this.#rows.style.height !== height) {
            this.#rows.style.height = height;
        }
    }

    // What is read stays where it is while new mail comes in above.
    #keepPlace(height) {
        if (this.#anchor === null) {
            return;
        }
        const index = this.#indexOf(this.#anchor.id);
        if (index !== this.#anchor.index) {
            this.#root.scrollTop += (index - this.#anchor.index) * height;
            this.#anchor.index = index;
        }
    }

    #render() {
        const ids = this.#source.ids;
        const height = this.#measure();
        this.#resize();
        this.#keepPlace(height);
        const top = this.#root.scrollTop;
        const bottom = top + this.#root.clientHeight;
        const first = Math.max(0, Math.floor(top / height) - MARGIN);
        const last = Math.min(ids.length, Math.ceil(bottom / height) + MARGIN);
        const wanted = new Set();
        for (let index = first; index < last; index += 1) {
            wanted.add(ids[ids.length - 1 - index]);
        }
        for (const [id, {row, message}] of this.#shown) {
            if (!wanted.has(id) || message !== this.#source.get(id)) {
                row.remove();
                this.#shown.delete(id);
            }
        }
        let index = first;
        for (const id of wanted) {
            this.#place(id, index, height, ids.length);
            index += 1;
        }
        this.#newestBefore = ids.at(-1) ?? 0;
        const active = this.current !== null && this.#shown.get(this.current);
        if (active) {
            this.#root.setAttribute('aria-activedescendant', active.row.id);
        } else {
            this.#root.removeAttribute('aria-activedescendant');
        }
    }

    #place(id, index, height, of) {
        let row = this.#shown.get(id)?.row;
        if (!row) {
            const message = this.#source.get(id);
            row = makeRow(message);
            this.#shown.set(id, {row, message});
            if (this.#newestBefore !== null && id > this.#newestBefore) {
                row.classList.add('new');
                setTimeout(() => row.classList.remove('new'), NEW_MS);
            }
            this.#insertInOrder(row, id);
        }
        const place = `translateY(${index * height}px)`;
        if (row.style.transform !== place) {
            row.style.transform = place;
        }
        const read = this.#isRead(id);
        row.classList.toggle('unread', !read);
        setText(row.querySelector('.mark'), read ? '' : 'unread, ');
        row.classList.toggle('current', id === this.current);
        row.classList.toggle('opened', id === this.#opened);
        row.setAttribute('aria-selected', String(id === this.#opened));
        row.setAttribute('aria-posinset', String(index + 1));
        row.setAttribute('aria-setsize', String(of));
    }

    // The document has the rows in the order in which they are seen.
    #insertInOrder(row, id) {
        let before = this.#rows.firstElementChild;
        while (before !== null && Number(before.dataset.id) > id) {
            before = before.nextElementSibling;
        }
        this.#rows.insertBefore(row, before);
    }
}

function makeRow(message) {
    return el('div', {
        class: 'row', role: 'option', id: `message-${message.id}`, 'data-id': message.id,
    },
    el('span', {class: 'mark unseen'}),
    el('span', {class: 'from'}, foreign(firstCalled(message.from, '(no From)'))),
    el('time', {datetime: message.received, title: longTime(message.received)},
        shortTime(message.received)),
    el('span', {class: 'subject'}, foreign(subjectOf(message))),
    readers(message),
    el('span', {class: 'facts'},
        message.attachment_count > 0 && icon('clip'),
        message.attachment_count > 0 && unseen('with attachment, '),
        size(message.size)));
}

// Where no field names anybody, the envelope still does.
function readers(message) {
    const named = message.to.concat(message.cc).map(called);
    const paths = message.envelope.to.map(shown);
    return named.length > 0 || paths.length === 0
        ? el('span', {class: 'to'}, 'to ', foreign(shortList(named, 2) || 'nobody'))
        : el('span', {class: 'to envelope'}, 'to ', foreign(shortList(paths, 1)),
            ', by the envelope only');
}
