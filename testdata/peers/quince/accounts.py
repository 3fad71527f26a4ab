"""The fixed, public accounts of this server. They protect nothing of value."""

# kitchenhub: client_id -> client_secret
KITCHENHUB_CLIENTS = {
    "bistro-larkspur": "Vq7-moth.Cobalt-91xz",
    "diner-hawthorn": "Yd4-wren.Saffron-28kp",
}

# b2b: (client_id, username, password, allow-list of addresses or networks)
B2B_ACCOUNTS = [
    (481516, "juniper-wholesale", "Tq3-otter.Magenta-57hf", []),
    (234207, "rowan-logistics", "Nb8-finch.Indigo-63vw", ["127.0.0.1", "::1"]),
]

# pos: client_id -> client_secret. Users are created through the API.
POS_CLIENTS = {
    "till-marigold": "Gx5-heron.Umber-74jr",
    "till-thistle": "Kf2-stoat.Ochre-39qd",
}
