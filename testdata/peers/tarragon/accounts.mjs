// The fixed, public accounts of this server (they are listed in the README as well).

/** Kitchen Monki: the registered API clients. Each acts as `userId` under client_credentials. */
export const MONKI_CLIENTS = [
  {
    id: 'juniper-7731',
    secret: 'Qv9-brindle.42-HxuMoss',
    name: 'Larder Helper',
    redirectUris: ['https://www.example.com/api_helper.php'],
    userId: 101,
  },
  {
    id: 'fennel-2086',
    secret: 'nW3_osprey-88-ZalGravel',
    name: 'Sunday Menu Planner',
    // A registered URI may carry a query of its own, which has to survive (RFC 6749, 3.1.2).
    redirectUris: ['https://planner.example.net/monki/return?shelf=7'],
    userId: 102,
  },
];

/** Kitchen Monki: the human who signs in on the consent page. */
export const MONKI_USERS = [
  { id: 203, login: 'mira.thyme', password: 'Umber+Walrus/19 kelp' },
];

/** b2b: API credentials; an empty `allowedIps` means "all IPs are allowed". */
export const B2B_ACCOUNTS = [
  { clientId: 480213, username: 'halyard-supply', password: 'tK5!plover-Ingot-63', allowedIps: [] },
  { clientId: 480377, username: 'cobalt-freight', password: 'Yd8?sorrel-Anvil-27', allowedIps: ['127.0.0.1', '::1'] },
];
