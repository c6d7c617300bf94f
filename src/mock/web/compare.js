// The envelope against the header of one message: where do they name others?
// It needs a summary; with `headers` (a whole message) it also knows what is in Bcc.

// An address of the envelope as header fields show it: its domain in Unicode.
export function shown(path) {
    return path.unicode ?? path.address;
}

// Case does not matter in domains, and in practice not before the @ either.
function same(one, other) {
    return one.toLowerCase() === other.toLowerCase();
}

function bccText(message) {
    return (message.headers ?? [])
        .filter((field) => field.name.toLowerCase() === 'bcc')
        .map((field) => field.value.toLowerCase())
        .join(' ');
}

// {from, sender, to, cc: [{mailbox, differs}], recipients: [{path, field}], …}
export function compare(message) {
    const mailFrom = shown(message.envelope.from);
    const paths = message.envelope.to;
    const inEnvelope = new Set(paths.map((path) => shown(path).toLowerCase()));
    const sought = (mailbox) => ({mailbox, reached: inEnvelope.has(mailbox.address.toLowerCase())});
    const fieldOf = new Map();
    message.cc.forEach((mailbox) => fieldOf.set(mailbox.address.toLowerCase(), 'Cc'));
    message.to.forEach((mailbox) => fieldOf.set(mailbox.address.toLowerCase(), 'To'));
    const bcc = bccText(message);
    const find = (address) => {
        const key = address.toLowerCase();
        return fieldOf.get(key) ?? (bcc.includes(key) && key !== '' ? 'Bcc' : null);
    };
    const from = message.from.map((mailbox) => ({
        mailbox, isMailFrom: same(mailbox.address, mailFrom),
    }));
    const sender = message.sender && {
        mailbox: message.sender,
        isMailFrom: same(message.sender.address, mailFrom),
        isFrom: message.from.some((mailbox) => same(mailbox.address, message.sender.address)),
    };
    const to = message.to.map(sought);
    const cc = message.cc.map(sought);
    const recipients = paths.map((path) => ({path, field: find(shown(path))}));
    return {
        mailFrom,
        from,
        sender,
        to,
        cc,
        recipients,
        fromDiffers: !from.some((entry) => entry.isMailFrom),
        hidden: recipients.filter((entry) => entry.field === null),
        unreached: [...to, ...cc].filter((entry) => !entry.reached),
    };
}

// Who really submits it: the envelope sender, with the name that the header knows for this address.
export function organiserOf(message) {
    const address = shown(message.envelope.from);
    const known = [message.sender, ...message.from].filter(Boolean)
        .find((mailbox) => same(mailbox.address, address));
    return {name: known?.name ?? '', address};
}
