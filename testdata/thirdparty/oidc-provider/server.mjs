// A host for oidc-provider (npm), as it comes: two clients with the client credentials grant, introspection, revocation.
// Whatever the provider shows at userinfo, it shows to users' tokens only, so there is no resource for a client's own.
import { Provider } from 'oidc-provider';

const port = process.env.PORT;
const issuer = `http://127.0.0.1:${port}`;
const client = (client_id, client_secret, token_endpoint_auth_method = 'client_secret_basic') => ({
  client_id,
  client_secret,
  token_endpoint_auth_method,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  scope: 'read write',
});

const provider = new Provider(issuer, {
  clients: [
    client('third-client-alder', 'Tz7cMeadow2nQuartz8vHeron'),
    client('third-client-birch', 'Gk4r+Fjord%2Fb:6&Maple=1nFlint'),
  ],
  scopes: ['read', 'write'],
  routes: { token: '/token', introspection: '/introspect', revocation: '/revoke' },
  ttl: { ClientCredentials: 600 },
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: false },
  },
});

provider.listen(port, '127.0.0.1');
