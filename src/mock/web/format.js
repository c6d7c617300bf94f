// Sizes, times and mailboxes in words.

const UNITS = ['B', 'KiB', 'MiB', 'GiB'];

export function size(bytes) {
    let value = bytes;
    let unit = 0;
    while (value >= 1023.5 && unit < UNITS.length - 1) {
        value /= 1024;
        unit += 1;
    }
    return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

export function count(n, one, many = `${one}s`) {
    return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

const clock = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit'});
const day = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short'});
const dayOfYear = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric', month: 'short', year: 'numeric',
});
const whole = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short', day: 'numeric', month: 'short', year: 'numeric',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
});

// As short as it is clear: the time today, else the day.
export function shortTime(text) {
    const time = new Date(text);
    if (Number.isNaN(time.getTime())) {
        return '';
    }
    const today = new Date();
    if (time.toDateString() === today.toDateString()) {
        return clock.format(time);
    }
    return (time.getFullYear() === today.getFullYear() ? day : dayOfYear).format(time);
}

export function longTime(text) {
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? text : whole.format(time);
}

// What a person is called: the name, or the address.
export function called(mailbox) {
    return mailbox.name.trim() || mailbox.address || '(nobody)';
}

export function firstCalled(mailboxes, otherwise) {
    return mailboxes.length > 0 ? called(mailboxes[0]) : otherwise;
}

// "Tom, Maya and 3 more"
export function shortList(names, most) {
    if (names.length <= most) {
        return names.join(', ');
    }
    return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

export function subjectOf(message) {
    return message.subject.trim() || '(no subject)';
}
