"""The few icons of the interface, drawn on a 24 by 24 grid, as the inside of an `<svg>`."""

_RING = '<path fill-rule="evenodd" d="M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm0 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z"/>'

ICONS: dict[str, str] = {
    # The shapes of warning grades. The mark inside keeps them apart when printed small.
    "triangle": '<path fill-rule="evenodd" d="M12 1.8 23.4 22H.6L12 1.8Zm-1.2 7v6.4h2.4V8.8h-2.4Zm0 8.2v2.4h2.4V17h-2.4Z"/>',
    "diamond": '<path fill-rule="evenodd" d="M12 .8 23.2 12 12 23.2.8 12 12 .8Zm-1.2 6v7h2.4v-7h-2.4Zm0 8.6v2.4h2.4v-2.4h-2.4Z"/>',
    "square": '<path fill-rule="evenodd" d="M2.5 2.5h19v19h-19v-19Zm8.3 3.7v7.3h2.4V6.2h-2.4Zm0 9.1v2.5h2.4v-2.5h-2.4Z"/>',
    "circle": '<path fill-rule="evenodd" d="M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21ZM10.8 6v2.5h2.4V6h-2.4Zm0 4.6V18h2.4v-7.4h-2.4Z"/>',
    "octagon": '<path fill-rule="evenodd" d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4L7.4 1Zm3.4 5v7.6h2.4V6h-2.4Zm0 9.4v2.6h2.4v-2.6h-2.4Z"/>',
    "check": '<path fill-rule="evenodd" d="M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21Zm5.2 6-6.7 7.4-3.7-3.6-1.6 1.7 5.4 5.2 8.3-9.1-1.7-1.6Z"/>',
    "help": f'{_RING}<path fill-rule="evenodd" d="M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10Zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z"/>'
    '<path d="m4.2 5.6 1.4-1.4 4 4-1.4 1.4zM18.4 4.2l1.4 1.4-4 4-1.4-1.4zM8.2 14.4l1.4 1.4-4 4-1.4-1.4zM15.8 14.4l4 4-1.4 1.4-4-4z"/>',
    "phone": '<path d="M6.6 2 10 2.9l.9 5L8.7 10c1.1 2.2 3 4.1 5.3 5.3l2.1-2.2 5 .9.9 3.4c-1.1 2.9-3.4 4.5-6 4.1C9.3 20.5 3.5 14.7 2.5 8 2.1 5.4 3.7 3.1 6.6 2Z"/>',
    "clock": f'{_RING}<path d="M11 6.5h2v5.1l3.7 2.2-1 1.7L11 12.7V6.5Z"/>',
    "pin": '<path fill-rule="evenodd" d="M12 1.5a7.5 7.5 0 0 1 7.5 7.5c0 5.3-7.5 13.5-7.5 13.5S4.5 14.3 4.5 9A7.5 7.5 0 0 1 12 1.5ZM12 6a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z"/>',
    "search": '<path fill-rule="evenodd" d="M10.5 2a8.5 8.5 0 0 1 6.7 13.7l4.6 4.6-1.5 1.5-4.6-4.6A8.5 8.5 0 1 1 10.5 2Zm0 2a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z"/>',
    "inbox": '<path fill-rule="evenodd" d="M5 3h14l3 11v7H2v-7L5 3Zm1.5 2-2.4 9H8l1.5 2.5h5L16 14h3.9l-2.4-9h-11Z"/>',
    "user": '<path fill-rule="evenodd" d="M12 2a5 5 0 1 1 0 10 5 5 0 0 1 0-10ZM2.5 21.5c.6-4.7 4.5-7.5 9.5-7.5s8.9 2.8 9.5 7.5h-19Z"/>',
    "menu": '<path d="M3 5h18v2H3zm0 6h18v2H3zm0 6h18v2H3z"/>',
    "close": '<path d="m5.6 4.2 6.4 6.4 6.4-6.4 1.4 1.4-6.4 6.4 6.4 6.4-1.4 1.4-6.4-6.4-6.4 6.4-1.4-1.4 6.4-6.4-6.4-6.4z"/>',
    "chevron": '<path d="m9 4.5 7.5 7.5L9 19.5l-1.5-1.5 6-6-6-6z"/>',
    "down": '<path d="M4.5 9 12 16.5 19.5 9 18 7.5l-6 6-6-6z"/>',
    "up": '<path d="M19.5 15 12 7.5 4.5 15 6 16.5l6-6 6 6z"/>',
    "sort": '<path d="m12 3 5 6.5H7L12 3Zm0 18-5-6.5h10L12 21Z"/>',
    "language": f'{_RING}<path fill-rule="evenodd" d="M12 2c3 2.6 4.5 6 4.5 10S15 19.4 12 22C9 19.4 7.5 16 7.5 12S9 4.6 12 2Zm0 3c-1.7 2-2.5 4.3-2.5 7s.8 5 2.5 7c1.7-2 2.5-4.3 2.5-7S13.7 7 12 5Z"/><path d="M3 11h18v2H3z"/>',
    "print": '<path fill-rule="evenodd" d="M6 2h12v5h2.5c.8 0 1.5.7 1.5 1.5V17h-4v5H6v-5H2V8.5C2 7.7 2.7 7 3.5 7H6V2Zm2 2v3h8V4H8Zm0 10v6h8v-6H8Z"/>',
    "people": '<path d="M9 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM1.5 20c.4-4.2 3.4-6.8 7.5-6.8s7.1 2.6 7.5 6.8h-15ZM16 4a3.5 3.5 0 1 1-.5 7c.9-1 1.5-2.5 1.5-4 0-1.1-.4-2.1-1-3Zm1.3 9.2c3 .5 5 2.8 5.2 6.8h-4c-.1-2.7-.6-4.9-2.5-6.7.4-.1.9-.1 1.3-.1Z"/>',
}
ICONS["forbidden"] = (
    '<path fill-rule="evenodd" d="M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21Zm0 2.6a7.9 7.9 0 0 1 6.2 12.8'
    'L7.1 5.8A7.9 7.9 0 0 1 12 4.1ZM5.8 7.1 16.9 18.2A7.9 7.9 0 0 1 5.8 7.1Z"/>'
)
ICONS["question"] = (
    f'{_RING}<path d="M12 6.2c2.2 0 3.9 1.4 3.9 3.4 0 1.6-1 2.4-1.8 3-.7.5-.9.8-.9 1.5v.4h-2.3v-.6c0-1.6.9-2.4 1.7-3 .7-.5'
    ' 1-.7 1-1.3 0-.7-.6-1.2-1.6-1.2-.9 0-1.6.5-1.8 1.4L8 9.3c.4-2 2-3.1 4-3.1Zm-1.2 9.4h2.5V18h-2.5v-2.4Z"/>'
)
ICONS["hourglass"] = (
    '<path fill-rule="evenodd" d="M5 1.5h14v2.4h-1.2v3.2L13.7 12l4.1 4.9v3.2H19v2.4H5v-2.4h1.2v-3.2L10.3 12 6.2 7.1'
    'V3.9H5V1.5Zm3.6 2.4v2.4L12 10.3l3.4-4V3.9H8.6Z"/>'
)
ICONS["alert"] = ICONS["octagon"]

# Which shape a colour has where nothing else names one.
SHAPES = {
    "red": "triangle",
    "orange": "diamond",
    "yellow": "square",
    "blue": "circle",
    "danger": "octagon",
    "warning": "triangle",
    "success": "check",
    "info": "circle",
    "neutral": "circle",
    "accent": "circle",
}
# The design system's name for each colour of a warning grade.
COLOURS = {"red": "danger", "blue": "info", "green": "success"}
