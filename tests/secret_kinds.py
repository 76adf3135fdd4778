"""Planted secrets: one of every kind, made here so that no file of this repository holds what looks like a live one."""

from __future__ import annotations

import base64
import json
import random
import string
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
URL_SAFE = ALNUM + "_-"
_rng = random.Random(20261201)


def some(length: int, alphabet: str = ALNUM) -> str:
    """Random characters; always with a digit and a capital where the alphabet has them."""
    while True:
        made = "".join(_rng.choices(alphabet, k=length))
        if (not alphabet.startswith(ALNUM) or (any(map(str.isdigit, made)) and any(map(str.isupper, made)))) and (
            made[0] not in "-_" and made[-1] not in "-_"
        ):
            return made


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _discord(identity: str) -> str:
    return f"{base64.b64encode(identity.encode()).decode().rstrip('=')}.G{some(5)}.{some(38, URL_SAFE)}"


@dataclass(frozen=True)
class Planted:
    """One secret, and how it is written: ``text`` has it in its place."""

    kind: str
    secret: str
    form: str = "{0}"

    @property
    def text(self) -> str:
        """The secret as it is written."""
        return self.form.replace("{0}", self.secret)


#: Known by their shape, wherever they stand.
TOKENS = tuple(
    Planted(kind, secret)
    for kind, secret in (
        ("aws access key", "AKIA" + some(13, "ABCDEFGH234567") + "9QB"),
        ("aws temporary key", "ASIA" + some(13, "ABCDEFGH234567") + "8OZ"),
        ("aws session token", "IQoJb3JpZ2luX2VjE" + some(300)),
        ("aws bedrock key", "ABSKQm" + some(120)),
        ("gcp api key", "AIza" + some(35, URL_SAFE)),
        ("gcp client secret", "GOCSPX-" + some(28, URL_SAFE)),
        ("gcp access token", "ya29." + some(80)),
        ("azure client secret", "aB3" + "8Q~" + some(34)),
        ("azure devops", some(76) + "AZDO" + some(4)),
        ("github classic", "ghp_" + some(36)),
        ("github fine", "github_pat_" + some(22) + "_" + some(59)),
        ("gitlab", "glpat-" + some(20)),
        ("huggingface", "hf_" + some(34, string.ascii_letters)),
        ("openai project", "sk-proj-" + some(120, URL_SAFE)),
        ("openai", "sk-" + some(48)),
        ("anthropic", "sk-ant-api03-" + some(93, URL_SAFE) + "AA"),
        ("openrouter", "sk-or-v1-" + some(64, HEX)),
        ("databricks", "dapi" + some(32, HEX)),
        ("wandb v1", "wandb_v1_" + some(77)),
        ("slack bot", "xoxb-" + "123456789012-" + some(24)),
        ("slack webhook", "https://hooks.slack.com/services/T0AB12CD3/B0EF45GH6/" + some(24)),
        ("discord bot", _discord("198622483471925248")),
        ("discord bot, long", _discord("1198622483471925248")),
        ("discord webhook", "https://discord.com/api/webhooks/998622483471925248/" + some(68, URL_SAFE)),
        ("telegram bot", "8123456789:AA" + some(33, URL_SAFE)),
        ("stripe", "sk_live_" + some(24)),
        ("stripe webhook", "whsec_" + some(32)),
        ("twilio", "SK" + some(32, HEX)),
        ("npm", "npm_" + some(36)),
        ("pypi", "pypi-AgEIcHlwaS5vcmcC" + some(140)),
        ("sendgrid", f"SG.{some(22, URL_SAFE)}.{some(43, URL_SAFE)}"),
        ("vault service", "hvs." + some(24)),
        ("vault batch", "hvb." + some(140, URL_SAFE)),
        ("digitalocean", "dop_v1_" + some(64, HEX)),
        ("digitalocean oauth", "doo_v1_" + some(64, HEX)),
        ("shopify", "shpat_" + some(32, HEX)),
        ("shopify app", "shpss_" + some(32, HEX)),
        ("supabase", "sbp_" + some(40, HEX)),
        ("notion", "ntn_" + some(11, string.digits) + some(35)),
        ("notion, old", "secret_" + some(43)),
        ("linear", "lin_api_" + some(40)),
        ("atlassian", "ATATT3xFfGF0" + some(170, URL_SAFE) + "=" + some(8, "0123456789ABCDEF")),
        ("bitbucket", "ATBB" + some(32)),
        ("grafana service", f"glsa_{some(32)}_{some(8, HEX)}"),
        ("grafana cloud", "glc_eyJvIjoi" + some(90) + "=="),
        ("replicate", "r8_" + some(37)),
        ("groq", "gsk_" + some(52)),
        ("xai", "xai-" + some(80)),
        ("perplexity", "pplx-" + some(48)),
        ("langsmith", f"lsv2_pt_{some(32, HEX)}_{some(10, HEX)}"),
        ("nvidia", "nvapi-" + some(64, URL_SAFE)),
        ("pinecone", "pcsk_" + some(60)),
        ("docker hub", "dckr_pat_" + some(27, URL_SAFE)),
        ("figma", "figd_" + some(40, URL_SAFE)),
        ("mailgun", "key-" + some(32, HEX)),
        ("mailchimp", some(32, HEX) + "-us14"),
        ("planetscale", "pscale_pw_" + some(43)),
        ("postman", f"PMAK-{some(24, HEX)}-{some(34, HEX)}"),
        ("tailscale", f"tskey-auth-k{some(10)}CNTRL-{some(32)}"),
        ("openshift", "sha256~" + some(43, URL_SAFE)),
        ("age", "AGE-SECRET-KEY-1" + some(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")),
        ("jwt", f"{_segment({'alg': 'HS256'})}.{_segment({'sub': '1234567890'})}.{some(43)}"),
        ("neptune", "eyJhcGlfYWRkcmVzcyI6" + some(120)),
    )
)

_PEM = [some(64, ALNUM + "+/") for _ in range(5)]
_BASIC = base64.b64encode(f"bob:{some(12)}".encode()).decode()

#: Known by what stands around them.
NAMED = tuple(
    Planted(kind, secret, form)
    for kind, secret, form in (
        (
            "private key",
            _PEM[0],
            "-----BEGIN PRIVATE KEY-----\n{0}\n" + "\n".join(_PEM[1:]) + "\n-----END PRIVATE KEY-----",
        ),
        ("openssh key", some(64), "-----BEGIN OPENSSH PRIVATE KEY-----\n{0}\n-----END OPENSSH PRIVATE KEY-----"),
        (
            "gcp service account",
            some(60),
            '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\n{0}\\n-----END PRIVATE KEY-----\\n"}',
        ),
        ("aws secret", some(20) + "/" + some(18) + "9", "aws_secret_access_key = {0}"),
        (
            "azure storage",
            some(86) + "==",
            "DefaultEndpointsProtocol=https;AccountName=lab;AccountKey={0};EndpointSuffix=core.windows.net",
        ),
        (
            "azure sas",
            some(43) + "%3D",
            "https://lab.blob.core.windows.net/c/x.csv?sv=2022-11-02&se=2026-12-31&sig={0}",
        ),
        (
            "azure service bus",
            some(43) + "=",
            "Endpoint=sb://lab.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey={0}",
        ),
        (
            "signed s3 url",
            some(64, HEX),
            "https://lab.s3.amazonaws.com/x.csv?X-Amz-Date=20261201T000000Z&X-Amz-Signature={0}",
        ),
        ("url password", "hunter" + some(8), "postgresql://bob:{0}@db.example.org:5432/trial"),
        ("url password with a slash", some(6) + "/" + some(6), "postgresql://bob:{0}@db.example.org:5432/trial"),
        ("url password with an at sign", some(6) + "@" + some(6), "mysql+pymysql://bob:{0}@db.example.org/trial"),
        (
            "url password with a percent sign",
            some(6) + "%2F%40" + some(6),
            "mongodb+srv://bob:{0}@cluster0.example.net/trial",
        ),
        (
            "url password with a slash and an at sign",
            some(4) + "@" + some(3) + "/" + some(6),
            "redis://:{0}@cache:6379/0",
        ),
        ("url token", some(40), "git+https://{0}@git.example.org/lab/tools.git"),
        ("basic header", _BASIC, "headers = {'Authorization': 'Basic {0}'}"),
        ("bearer header", some(40), "Authorization: Bearer {0}"),
        (
            "docker auth",
            base64.b64encode(f"bob:{some(15)}".encode()).decode(),
            '{"auths": {"https://index.docker.io/v1/": {"auth": "{0}"}}}',
        ),
        ("npm auth", base64.b64encode(f"bob:{some(16)}".encode()).decode(), "//registry.example.org/:_auth={0}"),
        ("requests auth", some(10), "requests.get(url, auth=('bob', '{0}'))"),
        ("basic auth object", some(11), 'HTTPBasicAuth("bob", "{0}")'),
        ("set-cookie", some(32), "Set-Cookie: session={0}; Path=/; HttpOnly"),
        ("cookie", some(24), "Cookie: theme=dark1; sid={0}"),
        ("cookies of requests", some(26), 'requests.get(url, cookies={"sessionid": "{0}"})'),
        ("curl user", some(9), "curl -s -u bob:{0} https://example.org/x"),
        ("curl --user", some(9), "!curl --user 'bob:{0}' https://example.org/x"),
        ("mysql", some(9), "mysql -h db -u bob -p{0} trial"),
        ("mysqldump", some(8) + "#", "mysqldump --single-transaction -ubob -p'{0}' trial > x.sql"),
        ("sshpass", some(10), "sshpass -p {0} ssh bob@cluster ls"),
        ("sshpass, quoted", some(10), "subprocess.run(['sshpass', '-p', '{0}', 'scp', 'x', 'bob@cluster:'])"),
        ("docker login", some(12), "docker login -u bob -p {0} registry.example.org"),
        ("redis-cli", some(12), "redis-cli -h cache -a {0} ping"),
        ("PGPASSWORD", some(8), "PGPASSWORD={0} psql -h db -U bob trial"),
        ("pgpass", some(8), "db.example.org:5432:trial:bob:{0}"),
        ("netrc", some(14), "machine api.example.org\n  login bob\n  password {0}\n"),
        ("WANDB_API_KEY", some(40, HEX), "WANDB_API_KEY={0}"),
        ("wandb login", some(40, HEX), "wandb.login(key='{0}')"),
        ("MLFLOW_TRACKING_PASSWORD", "abc" + some(9), "os.environ['MLFLOW_TRACKING_PASSWORD'] = '{0}'"),
        ("DB_PASS", some(9), "DB_PASS={0}"),
        ("password", "correct horse battery " + some(5), "password = '{0}'"),
        ("api key", some(24), 'api_key="{0}"'),
        ("x-api-key", some(30), "x-api-key: {0}"),
        ("kaggle", some(32, HEX), '{"username":"bob","key":"{0}"}'),
        ("odbc", some(9), "Driver={ODBC Driver 18};Server=db;Uid=bob;Pwd={0};"),
        ("jdbc", some(9), "jdbc:postgresql://db/trial?user=bob&password={0}"),
        ("wireguard", some(43) + "=", "[Interface]\nPrivateKey = {0}\n"),
        ("comet", "aB3" + some(22), "COMET_API_KEY={0}"),
        ("twilio auth", some(32, HEX), "twilio.rest.Client(sid, '{0}')"),
    )
)

KINDS = (*TOKENS, *NAMED)
