"""What the server of server.py keeps, as Authlib's example has it: clients, a user, codes and tokens, in SQLite."""
import tempfile
import time

from authlib.integrations import sqla_oauth2 as sqla
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker

Base = declarative_base()
db = scoped_session(sessionmaker(create_engine(f"sqlite:///{tempfile.mkdtemp()}/db")))


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    username = Column(String)
    password = Column(String)

    def get_user_id(self):
        return self.id


class Client(Base, sqla.OAuth2ClientMixin):
    __tablename__ = "clients"
    id = Column(Integer, primary_key=True)


class Code(Base, sqla.OAuth2AuthorizationCodeMixin):
    __tablename__ = "codes"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer)


class Token(Base, sqla.OAuth2TokenMixin):
    __tablename__ = "tokens"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer)

    def is_refresh_token_active(self):
        return not self.is_revoked() and self.issued_at + self.expires_in * 2 >= time.time()


Base.metadata.create_all(db.get_bind())
db.add(User(username="third-user-maple", password="Nc5rGlacier2dPebble7hOtter"))
for name, secret in ("alder", "Tz7cMeadow2nQuartz8vHeron"), ("birch", "Gk4rFjord5bMaple1nFlint"), ("cedar", "Vh2c+Fjord%2Fb:6&Maple=1nFlint"), ("dogwood", ""):
    client = Client(client_id="third-client-" + name, client_secret=secret)
    client.set_client_metadata({
        "grant_types": ["authorization_code", "refresh_token"] + (["client_credentials"] if secret else []), "response_types": ["code"],
        "redirect_uris": [f"https://{name}.example.com/callback"], "scope": "read write", "token_endpoint_auth_method": "client_secret_basic" if secret else "none"})
    db.add(client)
db.commit()
