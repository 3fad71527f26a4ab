"""How the endpoints of server.py reach what is kept, as Authlib's example has it. The protocol is Authlib's."""
from authlib.integrations import sqla_oauth2 as sqla
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from models import Code, Token, User, db


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def save_authorization_code(self, code, request):
        db.add(Code(code=code, client_id=request.client.client_id, redirect_uri=request.redirect_uri, scope=request.scope, user_id=request.user.id,
                    code_challenge=request.data.get("code_challenge"), code_challenge_method=request.data.get("code_challenge_method")))
        db.commit()

    def query_authorization_code(self, code, client):
        found = db.query(Code).filter_by(code=code, client_id=client.client_id).first()
        return found if found and not found.is_expired() else None

    def delete_authorization_code(self, code):
        db.delete(code)
        db.commit()

    def authenticate_user(self, code):
        return db.get(User, code.user_id)


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        found = db.query(Token).filter_by(refresh_token=refresh_token).first()
        return found if found and found.is_refresh_token_active() else None

    def authenticate_user(self, token):
        return db.get(User, token.user_id)

    def revoke_old_credential(self, token):
        token.access_token_revoked_at = token.refresh_token_revoked_at = token.issued_at
        db.add(token)
        db.commit()


class Introspection(IntrospectionEndpoint):
    query_token = staticmethod(sqla.create_query_token_func(db, Token))

    def check_permission(self, token, client, request):
        return True

    def introspect_token(self, token):
        return {"active": True, "client_id": token.client_id, "scope": token.scope, "token_type": token.token_type,
                "exp": token.issued_at + token.expires_in, "iat": token.issued_at}
