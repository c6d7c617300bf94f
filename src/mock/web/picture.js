// One prank as a picture: the author whom the readers see, the recipients, and the organiser who
// really submits it.

import {compare, organiserOf, shown} from './compare.js';
import {svg} from './dom.js';
import {called} from './format.js';

const ROW = 46;
const AUTHOR = 28; // radius
const READER = 16;
const ORGANISER = 19;
const NAME = '600 13px';
const SMALL = '11.5px';
const MOST = 13; // readers drawn

const graphemes = new Intl.Segmenter(undefined, {granularity: 'grapheme'});

function split(text) {
    return [...graphemes.segment(text)].map((part) => part.segment);
}

const brush = document.createElement('canvas').getContext('2d');

// The text, shortened to what fits into `width`.
function cut(text, width, font) {
    brush.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
    if (brush.measureText(text).width <= width) {
        return text;
    }
    const pieces = split(text.slice(0, 200));
    let low = 0;
    let high = pieces.length;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (brush.measureText(`${pieces.slice(0, middle).join('')}…`).width <= width) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return `${pieces.slice(0, low).join('').trimEnd()}…`;
}

function initials(mailbox) {
    const words = called(mailbox).split(/[\s@."(<>]+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    const last = mailbox.name.trim() !== '' && words.length > 1 && words.at(-1);
    return [words[0], last].filter(Boolean).map((word) => split(word)[0].toUpperCase()).join('');
}

// The places of everything in a picture `width` wide. Left the author, with the organiser below;
// right the readers.
function layout(width, readers, alone) {
    const narrow = width < 420;
    const stack = alone ? 104 : 196; // how high the left side is
    const height = Math.max(stack + 24, readers * ROW + 20);
    const authorX = narrow ? 70 : Math.min(110, width * 0.19);
    const readerX = narrow ? width * 0.52 : Math.min(width * 0.52, 330);
    const authorY = (height - stack) / 2 + AUTHOR;
    return {
        width,
        height,
        authorX,
        authorY,
        organiserY: authorY + 113,
        readerX,
        firstY: height / 2 - ((readers - 1) * ROW) / 2,
        leftWidth: authorX * 2 - 4,
        rightWidth: width - readerX - READER - 10,
    };
}

export function readersOf(message) {
    const found = compare(message);
    const named = (entries, field, kind) => entries.map(({mailbox, reached}) => ({
        mailbox, field, kind: reached ? kind : 'unreached',
    }));
    return [
        ...named(found.to, 'To', 'to'),
        ...named(found.cc, 'Cc', 'cc'),
        ...found.hidden.map(({path}) => ({
            mailbox: {name: '', address: shown(path)}, kind: 'hidden', field: null,
        })),
    ];
}

export function drawPrank(message, width) {
    const all = readersOf(message);
    const readers = all.length > MOST ? all.slice(0, MOST - 1) : all;
    const more = all.length - readers.length;
    const author = message.from[0] ?? {name: '', address: ''};
    const organiser = organiserOf(message);
    const alone = !compare(message).fromDiffers;
    const at = layout(width, readers.length + (more > 0 ? 1 : 0), alone);
    const places = readers.map((reader, place) => ({...reader, y: at.firstY + place * ROW}));
    return svg('svg', {
        class: 'prank', viewBox: `0 0 ${at.width} ${at.height}`, width: at.width, height: at.height,
        role: 'img', 'aria-label': inWords(author, organiser, all, alone),
    },
    places.map((reader) => arrow(at, reader)),
    !alone && [speaksAs(at), person(at.authorX, at.organiserY, ORGANISER, organiser, 'organiser'),
        below(at.authorX, at.organiserY + ORGANISER, organiser, at.leftWidth, 'MAIL FROM')],
    person(at.authorX, at.authorY, AUTHOR, author, 'author'),
    below(at.authorX, at.authorY + AUTHOR, author, at.leftWidth,
        alone ? 'From and MAIL FROM' : 'From'),
    places.map((reader) => readerOf(at, reader)),
    more > 0 && svg('text', {
        class: 'small', x: at.readerX - READER, y: at.firstY + readers.length * ROW + 5,
    }, `and ${more} more`));
}

function inWords(author, organiser, readers, alone) {
    const names = (kind) => readers.filter((reader) => reader.kind === kind)
        .map(({mailbox}) => called(mailbox)).join(', ');
    return [
        `${called(author)} writes to ${names('to') || 'nobody'}`,
        names('cc') && `Cc ${names('cc')}`,
        names('hidden') && `only in the envelope ${names('hidden')}`,
        names('unreached') && `only in the header ${names('unreached')}`,
        alone ? 'submitted by the author' : `really submitted by ${called(organiser)}`,
    ].filter(Boolean).join('; ');
}

function arrow(at, {kind, y}) {
    const hidden = kind === 'hidden';
    const startX = at.authorX + (hidden ? ORGANISER : AUTHOR) + 6;
    const startY = hidden ? at.organiserY : at.authorY;
    const endX = at.readerX - READER - 8;
    const far = endX - startX;
    return svg('g', {class: `arrow ${kind}`},
        // Bent late, so that it stays clear of the author's name.
        svg('path', {
            class: 'line',
            d: `M${startX} ${startY}C${startX + far * 0.85} ${startY} `
                + `${startX + far * 0.6} ${y} ${endX - 4} ${y}`,
        }),
        svg('path', {class: 'head', d: `M${endX} ${y}l-8 -4.5v9z`}));
}

function speaksAs(at) {
    const from = at.organiserY - ORGANISER - 4;
    const to = at.authorY + AUTHOR + 40;
    return svg('g', {class: 'arrow organiser'},
        svg('path', {class: 'line', d: `M${at.authorX} ${from}V${to + 6}`}),
        svg('path', {class: 'head', d: `M${at.authorX} ${to}l-4.5 8h9z`}));
}

function person(x, y, radius, mailbox, kind) {
    return svg('g', {class: `person ${kind}`},
        svg('circle', {cx: x, cy: y, r: radius}),
        svg('text', {x, y, dy: '0.36em', 'text-anchor': 'middle'}, initials(mailbox)));
}

function name(x, y, width, mailbox) {
    const whole = mailbox.name ? `${mailbox.name} <${mailbox.address}>` : mailbox.address;
    return svg('text', {class: 'name', x, y},
        cut(called(mailbox), width, NAME), svg('title', {}, whole));
}

function below(x, y, mailbox, width, role) {
    return svg('g', {class: 'label', 'text-anchor': 'middle'},
        name(x, y + 17, width, mailbox),
        svg('text', {class: 'small', x, y: y + 32}, role));
}

function readerOf(at, {mailbox, kind, field, y}) {
    const x = at.readerX + READER + 9;
    const small = {
        to: mailbox.name ? mailbox.address : 'To',
        cc: `Cc${mailbox.name ? ` ${mailbox.address}` : ''}`,
        hidden: 'in no header field',
        unreached: `${field}, not in the envelope`,
    }[kind];
    return svg('g', {class: `reader ${kind}`},
        person(at.readerX, y, READER, mailbox, 'reader'),
        name(x, y - 2, at.rightWidth, mailbox),
        svg('text', {class: 'small', x, y: y + 13}, cut(small, at.rightWidth, SMALL)));
}
