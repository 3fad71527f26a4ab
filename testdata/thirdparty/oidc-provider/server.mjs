// A host for oidc-provider (npm), as it comes: two clients, for users and for themselves, and its pages for developers, where any
// name and password sign in. Whatever it shows at userinfo, it shows to users' tokens only, so there is no resource.
import { Provider } from 'oidc-provider';

const port = process.env.PORT;
const issuer = `http://127.0.0.1:${port}`;
const client = (client_id, client_secret, ...redirect_uris) => ({
  client_id,
  client_secret,
  token_endpoint_auth_method: 'client_secret_basic',
  grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
  redirect_uris,
  response_types: ['code'],
  scope: 'openid read write',
});

const provider = new Provider(issuer, {
  clients: [
    client('third-client-alder', 'Tz7cMeadow2nQuartz8vHeron', 'https://alder.example.com/callback'),
    client('third-client-birch', 'Gk4r+Fjord%2Fb:6&Maple=1nFlint', 'https://birch.example.com/callback?tenant=7'),
  ],
  scopes: ['openid', 'read', 'write'],
  routes: { token: '/token', introspection: '/introspect', revocation: '/revoke' },
  ttl: { ClientCredentials: 600, AccessToken: 600, RefreshToken: 3600 },
  issueRefreshToken: async (_, to) => to.grantTypeAllowed('refresh_token'),
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
});

provider.listen(port, '127.0.0.1');
