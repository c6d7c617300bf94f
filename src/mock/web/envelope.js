// The lesson: what the SMTP commands said beside what the header fields say, and where they differ.

import {compare, shown} from './compare.js';
import {code, el, foreign, icon} from './dom.js';
import {count} from './format.js';

const MOST = 200; // recipients drawn

export function envelopeTab(panel, message) {
    const found = compare(message);
    panel.append(el('div', {class: 'envelope'},
        el('p', {class: 'lesson'},
            'An SMTP command is not a header field. ', el('b', {}, 'From'),
            ' is what the reader sees; ', el('b', {}, 'MAIL FROM'),
            ' is where bounces go. Only ', el('b', {}, 'RCPT TO'), ' decides who gets it.'),
        findings(message, found),
        el('div', {class: 'sides'},
            sideHead('envelope', 'envelope', 'Envelope', 'what the SMTP commands said'),
            sideHead('header', 'page', 'Header', 'what the message says about itself'),
            side('envelope', 'Who it is from', mailFrom(message, found)),
            side('header', 'Who it is from', authors(message, found)),
            side('envelope', 'Who gets it', recipients(found)),
            side('header', 'Who is named', named(message, found)),
            side('envelope', 'What else was said', session(message)),
            side('header', 'What else it says', otherFields(message)))));
}

function sideHead(kind, picture, title, words) {
    return el('div', {class: `side-head ${kind}`}, icon(picture),
        el('h2', {}, title), el('span', {}, words));
}

// On a narrow screen the halves are below each other, and each says which side it is.
function side(kind, title, entries) {
    const name = kind === 'envelope' ? 'Envelope: ' : 'Header: ';
    return el('section', {class: `half ${kind}`},
        el('h3', {}, el('span', {class: 'side-name'}, name), title),
        el('dl', {}, entries.flat()));
}

function entry(term, ...values) {
    return [el('dt', {}, term), ...values.map((value) => el('dd', {}, value))];
}

function absent(words) {
    return el('span', {class: 'absent'}, words);
}

function tag(kind, words) {
    return el('span', {class: `tag ${kind}`}, words);
}

function person(mailbox, ...tags) {
    return [mailbox.name !== '' && [foreign(mailbox.name), ' '],
        code(`<${mailbox.address}>`), ...tags].flat();
}

function lines(entries, otherwise) {
    if (entries.length === 0) {
        return [absent(otherwise)];
    }
    const drawn = entries.slice(0, MOST).map((parts) => el('span', {class: 'line'}, ...parts));
    return entries.length > MOST
        ? [...drawn, absent(`and ${count(entries.length - MOST, 'more', 'more')}`)] : drawn;
}

// What the command said, where an international domain is shown in Unicode.
function ascii(path) {
    return path.unicode ? [el('span', {class: 'parameter'}, 'as ', code(path.address))] : [];
}

function parameters(path) {
    return path.parameters.map((text) => el('span', {class: 'parameter'}, code(text)));
}

function mailFrom(message, found) {
    const marks = [];
    if (found.mailFrom === '') {
        marks.push(tag('note', 'nobody: no bounces'));
    } else {
        if (found.from.length > 0) {
            marks.push(found.fromDiffers
                ? tag('differs', 'is not From') : tag('same', 'as in From'));
        }
        if (found.sender) {
            marks.push(found.sender.isMailFrom
                ? tag('same', 'as in Sender') : tag('differs', 'is not Sender'));
        }
    }
    return entry('MAIL FROM', el('span', {class: 'line'}, code(`<${found.mailFrom}>`),
        ...ascii(message.envelope.from), ...parameters(message.envelope.from), ...marks));
}

function authors(message, found) {
    const from = found.from.map(({mailbox, isMailFrom}) => person(mailbox,
        isMailFrom ? tag('same', 'as in MAIL FROM') : tag('differs', 'is not MAIL FROM')));
    const missing = (instead) => (from.length > 0 ? `missing, so ${instead}` : 'missing');
    return [
        entry('From', ...lines(from, 'missing')),
        entry('Sender', found.sender
            ? senderLine(found.sender) : absent(missing('From counts'))),
        entry('Reply-To', ...field(message, 'Reply-To', missing('answers go to From'))),
    ];
}

function senderLine(sender) {
    return el('span', {class: 'line'}, ...person(sender.mailbox,
        sender.isMailFrom ? tag('same', 'as in MAIL FROM') : tag('differs', 'is not MAIL FROM'),
        sender.isFrom ? tag('same', 'as in From') : tag('differs', 'is not From')));
}

function recipients(found) {
    const drawn = found.recipients.map(({path, field: name}) => [
        code(`<${shown(path)}>`), ...ascii(path), ...parameters(path),
        name === null
            ? tag('differs', 'in no header field, as with Bcc') : tag('same', `in ${name}`),
    ]);
    return entry('RCPT TO', ...lines(drawn, 'nobody'));
}

function named(message, found) {
    const drawn = (entries) => entries.map(({mailbox, reached}) => person(mailbox,
        reached ? tag('same', 'in RCPT TO') : tag('differs', 'not in the envelope')));
    const bcc = valuesOf(message, 'Bcc');
    return [
        entry('To', ...lines(drawn(found.to), 'missing')),
        entry('Cc', ...lines(drawn(found.cc), 'missing')),
        bcc.length > 0 && entry('Bcc', ...bcc.map((value) => [foreign(value)]).flat(),
            tag('differs', 'should not be sent along')),
    ].filter(Boolean);
}

function session(message) {
    const {client} = message;
    return [
        entry(client.protocol === 'SMTP' ? 'HELO' : 'EHLO',
            client.name !== '' ? code(client.name) : absent('not known')),
        entry('Login', client.user !== null
            ? el('span', {}, code(client.user), client.mechanism ? ` by ${client.mechanism}` : '')
            : absent('none')),
        entry('TLS', client.tls ? `${client.tls.version}, ${client.tls.cipher}` : absent('none')),
        entry('Client', client.address !== ''
            ? `${client.address}, port ${client.port}` : absent('not known')),
        entry('Protocol', client.protocol || absent('not known')),
    ];
}

function otherFields(message) {
    return [
        entry('Subject', ...field(message, 'Subject', 'missing')),
        entry('Date', ...field(message, 'Date', 'missing')),
        entry('Message-ID', ...field(message, 'Message-ID', 'missing')),
    ];
}

function valuesOf(message, name) {
    return message.headers
        .filter((header) => header.name.toLowerCase() === name.toLowerCase())
        .map((header) => header.value);
}

function field(message, name, otherwise) {
    const values = valuesOf(message, name);
    return values.length > 0 ? values.map((value) => foreign(value)) : [absent(otherwise)];
}

function findings(message, found) {
    const told = [
        ...senders(message, found),
        found.hidden.length > 0 && [
            ...addresses(found.hidden.map(({path}) => shown(path))),
            ` got it but ${isOrAre(found.hidden)} in no header field: `
                + 'readers cannot see it, as with Bcc.',
        ],
        found.unreached.length > 0 && [
            ...addresses(found.unreached.map(({mailbox}) => mailbox.address)),
            ` ${isOrAre(found.unreached)} named in the header, but not in the envelope: `
                + 'the message did not go there.',
        ],
    ].filter(Boolean);
    if (told.length === 0) {
        return el('p', {class: 'findings agree'}, 'Envelope and header name the same people.');
    }
    return el('div', {class: 'findings'},
        el('h2', {}, told.length === 1 ? 'One difference' : `${told.length} differences`),
        el('ul', {}, told.map((parts) => el('li', {}, ...parts))));
}

function isOrAre(list) {
    return list.length === 1 ? 'is' : 'are';
}

function senders(message, found) {
    const first = found.from[0]?.mailbox;
    const told = [];
    if (!first) {
        told.push([valuesOf(message, 'From').length > 0
            ? 'From names no address: readers see no author.'
            : 'There is no From field: readers see no author; RFC 5322 requires From and Date.']);
    }
    if (found.mailFrom === '') {
        told.push(['MAIL FROM is empty: nobody gets a bounce. '
            + 'Programs do that when they answer by themselves.']);
        return told;
    }
    if (first && found.fromDiffers) {
        told.push(['The reader sees ', foreign(first.name || first.address),
            ' as author (From), but ', code(found.mailFrom),
            ' submitted it (MAIL FROM) and gets the bounces.',
            found.sender?.isMailFrom && ' Sender says so openly.'].filter(Boolean));
    }
    if (found.sender && !found.sender.isMailFrom) {
        told.push(['Sender names ', code(found.sender.mailbox.address), ', MAIL FROM names ',
            code(found.mailFrom), '.']);
    }
    return told;
}

function addresses(list) {
    const drawn = list.slice(0, 4).flatMap((address, place) => [place > 0 && ', ', code(address)]);
    return [...drawn, list.length > 4 && ` and ${count(list.length - 4, 'more', 'more')}`]
        .filter(Boolean);
}
