"""A host for Authlib's server under Flask and SQLAlchemy, as Debian has them, put together as its example is."""
import os

from authlib.integrations import sqla_oauth2 as sqla
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, jsonify, render_template, request

from endpoints import CodeGrant, Introspection, RefreshGrant
from models import Client, Token, User, db

app = Flask(__name__)
app.teardown_appcontext(lambda _: db.remove())
app.config.update(OAUTH2_SCOPES_SUPPORTED=["read", "write"], OAUTH2_REFRESH_TOKEN_GENERATOR=True, OAUTH2_TOKEN_EXPIRES_IN={"client_credentials": 600})
server = AuthorizationServer(app, sqla.create_query_client_func(db, Client), sqla.create_save_token_func(db, Token))
server.register_grant(CodeGrant, [CodeChallenge(required=True)])
for grant in RefreshGrant, grants.ClientCredentialsGrant:
    server.register_grant(grant)
for endpoint in sqla.create_revocation_endpoint(db, Token), Introspection:
    server.register_endpoint(endpoint)
guard = ResourceProtector()
guard.register_token_validator(sqla.create_bearer_token_validator(db, Token)())


@app.route("/oauth/authorize", methods=["GET", "POST"])
def authorize():
    user = db.query(User).filter_by(username=request.form.get("username"), password=request.form.get("password")).first()
    if user:
        return server.create_authorization_response(grant_user=user if request.form.get("confirm") else None)
    try:
        return render_template("authorize.html", grant=server.get_consent_grant())
    except OAuth2Error as error:
        return server.handle_error_response(None, error)


app.post("/token", endpoint="token")(server.create_token_response)
app.post("/revoke", endpoint="revoke")(lambda: server.create_endpoint_response("revocation"))
app.post("/introspect", endpoint="introspect")(lambda: server.create_endpoint_response("introspection"))
app.get("/resource", endpoint="resource")(guard()(lambda: jsonify(items=["larch", "rowan"])))
app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
