"""A host for Authlib's server under Flask and SQLAlchemy, as Debian has them, with revocation, introspection and a resource. What is here is storage; the protocol is Authlib's."""
import os
import tempfile

from authlib.integrations import sqla_oauth2 as sqla
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Flask, jsonify
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

Base = declarative_base()
db = scoped_session(sessionmaker(create_engine(f"sqlite:///{tempfile.mkdtemp()}/db")))


class Client(Base, sqla.OAuth2ClientMixin):
    __tablename__ = "clients"
    id = Column(Integer, primary_key=True)


class Token(Base, sqla.OAuth2TokenMixin):
    __tablename__ = "tokens"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer)


class Introspection(IntrospectionEndpoint):
    query_token = staticmethod(sqla.create_query_token_func(db, Token))

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, token):
        return {"active": True, "client_id": token.client_id, "scope": token.scope, "token_type": token.token_type,
                "exp": token.issued_at + token.expires_in, "iat": token.issued_at}


app = Flask(__name__)
app.teardown_appcontext(lambda _: db.remove())
app.config.update(OAUTH2_SCOPES_SUPPORTED=["read", "write"], OAUTH2_TOKEN_EXPIRES_IN={"client_credentials": 600})
server = AuthorizationServer(app, sqla.create_query_client_func(db, Client), sqla.create_save_token_func(db, Token))
server.register_grant(grants.ClientCredentialsGrant)
server.register_endpoint(sqla.create_revocation_endpoint(db, Token))
server.register_endpoint(Introspection)
guard = ResourceProtector()
guard.register_token_validator(sqla.create_bearer_token_validator(db, Token)())

app.post("/token", endpoint="token")(server.create_token_response)
app.post("/revoke", endpoint="revoke")(lambda: server.create_endpoint_response("revocation"))
app.post("/introspect", endpoint="introspect")(lambda: server.create_endpoint_response("introspection"))
app.get("/resource", endpoint="resource")(guard()(lambda: jsonify(items=["larch", "rowan"])))

Base.metadata.create_all(db.get_bind())
for name, secret in ("alder", "Tz7cMeadow2nQuartz8vHeron"), ("birch", "Gk4rFjord5bMaple1nFlint"), ("cedar", "Vh2c+Fjord%2Fb:6&Maple=1nFlint"):
    client = Client(client_id="third-client-" + name, client_secret=secret)
    client.set_client_metadata({"grant_types": ["client_credentials"], "scope": "read write"})
    db.add(client)
db.commit()
app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
