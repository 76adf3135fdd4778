"""What secrets look like: the tables that :mod:`jupyter_bioml.redact` searches with.

Patterns are texts, compiled when first needed. Each begins at a needle (or a fixed number of characters before
it) and every repetition is bounded, so that one try costs a bounded time.
"""

from __future__ import annotations


class Format:
    """A secret known by its shape. The pattern is tried ``back`` characters before each of the needles; those of a
    ``folded`` one are in lower case and found in any case. A ``long`` one has, at most :data:`AHEAD` characters behind
    its needle, a row of :data:`ROW` characters such as words and names seldom have, and is looked for only there. A
    text without ``also`` has no such secret. (A plain class: a named tuple takes longer to define than all these
    tables.)"""

    __slots__ = ("also", "back", "folded", "long", "needles", "pattern", "rule")

    def __init__(
        self,
        rule: str,
        needles: tuple[str, ...],
        pattern: str,
        back: int = 0,
        folded: bool = False,
        long: bool = False,
        also: str = "",
    ) -> None:
        self.rule, self.needles, self.pattern = rule, needles, pattern
        self.back, self.folded, self.long, self.also = back, folded, long, also


# Characters that are left of a text when it is screened; found by least cost over ML code, logs and journal lines.
TELLING = b"-/:AJKNPSZ_ghikmvx~"
TELLING_FOLDED = b"bcdhklmoprtuvwy"
TELLING_LONG = b"+-./89ABCDGIKMNOT_bdfghjklnpvwxyz~"
#: Letters, digits, ``_`` and ``-`` in a row.
ROW = 27
AHEAD = 64

QUOTE = r"\\{0,7}(?:[\"']|&quot;|&#39;|&#x27;|&#34;)"
# Where a secret may begin: also behind a line's end that is written as two characters, as in JSON and in a repr.
B = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
E = r"(?![A-Za-z0-9])"
PEM_TEXT = r"(?:[^-]|-(?!----)){8,20000}"
CUT_PEM_TEXT = r"[\s\\rn\"',+-]{0,40}?[\w+/=]{32}[\w+/=\\\s\"',]{0,20000}"
HOST = (
    r"(?:(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}|localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::\d{1,5})?(?:[/?#\s'\"<>)\],;&\\]|\Z)"
)
#: Between a command's name and an option of it, and between an option and its value (also as items of a list).
OPTIONS = r"[^\n;|&]{0,200}?[\s\"',]"
NEXT = rf"(?:{QUOTE})?[\s,=]{{0,4}}(?:{QUOTE})?"
WORD_AFTER = r"(?P<s>(?![-$])[^\s\"'`,;|&)\\]{3,256})"


def _tokens(rule: str, prefixes: tuple[str, ...], body: str) -> Format:
    """A service's tokens: one of its prefixes, then ``body``."""
    start = "|".join(prefix.replace(".", r"\.") for prefix in prefixes)
    return Format(rule, prefixes, rf"{B}(?:{start}){body}(?![A-Za-z0-9])", long=True)


FORMATS = (
    # The last part tells a key from a peptide that begins with AKIA: one character that no amino acid has.
    Format("aws-key", ("AKIA", "ASIA"), rf"{B}A[KS]IA(?=[A-Z0-9]{{0,15}}[0-9BJOUZ])[A-Z0-9]{{16}}{E}"),
    Format("aws-session", ("IQoJb3Jp", "FwoGZXIv"), rf"{B}(?:IQoJ|FwoG)[\w+/%]{{80,4000}}={{0,2}}"),
    Format("aws-key", ("ABSKQm",), rf"{B}ABSK[A-Za-z0-9+/]{{80,300}}={{0,2}}"),
    Format("gcp-key", ("AIza",), rf"{B}AIza[\w-]{{35}}", long=True),
    Format("gcp-key", ("GOCSPX-", "ya29."), rf"{B}(?:GOCSPX-[\w-]{{20,}}|ya29\.[\w.-]{{30,2000}})", long=True),
    Format("gcp-key", ("1//0",), rf"{B}1//0[\w-]{{40,200}}", long=True),
    Format("azure-key", ("Q~",), r"[\w~.-]{3}\dQ~[\w~.-]{31,40}", back=4),
    Format("azure-key", ("AZDO",), rf"{B}[A-Za-z0-9]{{76}}AZDO[A-Za-z0-9]{{4}}{E}", 76, long=True),
    Format("azure-sas", ("sig=",), r"[?&;]sig=(?P<s>[\w%+/-]{40,200}={0,2})", back=1),
    Format("signed-url", ("-Signature=",), r"-Signature=(?P<s>[0-9a-fA-F]{64,1024})"),
    Format("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), rf"{B}gh[pousr]_[A-Za-z0-9_]{{30,255}}", long=True),
    Format("github", ("github_pat_",), rf"{B}github_pat_\w{{22,255}}", long=True),
    Format(
        "gitlab",
        ("glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glsoat-", "glcbt-", "gloas-", "glagent-", "glimt-"),
        rf"{B}gl(?:pat|dt|rt|ptt|ft|soat|cbt|oas|agent|imt)-[\w.-]{{18,300}}",
    ),
    Format("huggingface", ("hf_",), rf"{B}hf_[A-Za-z0-9]{{30,64}}{E}", long=True),
    Format("anthropic", ("sk-ant-",), rf"{B}sk-ant-[\w-]{{16,400}}"),
    Format(
        "openai",
        ("sk-",),
        rf"{B}sk-(?:(?:proj|svcacct|admin|None|or|lf)-[\w-]{{16,400}}|(?=[A-Za-z]{{0,80}}\d)[A-Za-z0-9]{{20,200}})",
    ),
    Format("databricks", ("dapi",), rf"{B}dapi[0-9a-f]{{32}}(?:-\d{{1,2}})?{E}", long=True),
    Format("wandb", ("wandb_v",), rf"{B}wandb_v\d_\w{{40,200}}", long=True),
    Format("slack", ("xox", "xapp-"), rf"{B}(?:xox[a-z]-|xapp-\d-)[\w-]{{10,400}}"),
    Format("slack", ("hooks.slack.com/",), r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[\w/+-]{20,300})"),
    Format("discord", ("/webhooks/",), r"/webhooks/\d{15,21}/(?P<s>[\w-]{50,100})", long=True),
    # A number of 17 to 20 digits in base64, a time, a signature.
    Format(
        "discord",
        ("MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"),
        rf"{B}(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){{5,6}}[MNO][\w]{{0,4}}\.[\w-]{{6}}\.[\w-]{{27,80}}"
        rf"|{B}(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){{6}}\.[\w-]{{6}}\.[\w-]{{27,80}}",
        long=True,
    ),
    Format("telegram", (":AA",), r"(?<=[0-9]{8}):(?P<s>AA[\w-]{32,64})", long=True),
    Format("stripe", ("k_live_", "k_test_"), rf"{B}[srp]k_(?:live|test)_[A-Za-z0-9]{{16,256}}", back=1),
    Format("stripe", ("whsec_",), rf"{B}whsec_[A-Za-z0-9+/=]{{24,128}}", long=True),
    Format("twilio", ("AC", "SK"), rf"{B}(?:AC|SK)[0-9a-f]{{32}}{E}", long=True),
    Format("npm", ("npm_",), rf"{B}npm_[A-Za-z0-9]{{36,64}}{E}", long=True),
    Format("pypi", ("pypi-",), rf"{B}pypi-(?=[a-z_-]{{0,80}}[A-Z])(?=[A-Za-z_-]{{0,80}}\d)[\w-]{{40,1000}}", long=True),
    Format("sendgrid", ("SG.",), rf"{B}SG\.[\w-]{{16,32}}\.[\w-]{{32,128}}", long=True),
    Format("vault", ("hvs.", "hvb.", "hvr."), rf"{B}hv[sbr]\.(?=[A-Za-z_-]{{0,60}}\d)[\w-]{{24,300}}"),
    _tokens("digitalocean", ("dop_v1_", "doo_v1_", "dor_v1_"), r"[0-9a-f]{64}"),
    _tokens("shopify", ("shpat_", "shpca_", "shppa_", "shpss_", "shptka_"), r"[0-9a-fA-F]{32,64}"),
    _tokens("supabase", ("sbp_",), r"(?:oauth_)?[0-9a-f]{40}"),
    Format("supabase", ("sb_secret_",), rf"{B}sb_secret_[\w-]{{20,100}}", long=True),
    _tokens("notion", ("ntn_",), r"\d{8,14}[A-Za-z0-9]{28,44}"),
    _tokens("notion", ("secret_",), r"(?=[A-Za-z]{0,42}\d)(?=[a-z0-9]{0,42}[A-Z])[A-Za-z0-9]{43}"),
    _tokens("linear", ("lin_api_", "lin_oauth_"), r"[A-Za-z0-9]{32,80}"),
    _tokens("atlassian", ("ATATT3", "ATCTT3"), r"[\w=+/-]{50,400}"),
    _tokens("atlassian", ("ATBB",), r"(?=[A-Z]{0,31}[0-9a-z])[A-Za-z0-9]{32}"),
    _tokens("grafana", ("glsa_",), r"[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}"),
    Format("grafana", ("glc_",), rf"{B}glc_(?=[A-Za-z]{{0,80}}\d)[A-Za-z0-9+/]{{32,400}}={{0,2}}"),
    _tokens("replicate", ("r8_",), r"[A-Za-z0-9]{30,60}"),
    _tokens("groq", ("gsk_",), r"[A-Za-z0-9]{32,80}"),
    _tokens("xai", ("xai-",), r"[A-Za-z0-9]{60,100}"),
    _tokens("perplexity", ("pplx-",), r"[A-Za-z0-9]{32,64}"),
    _tokens("langsmith", ("lsv2_pt_", "lsv2_sk_"), r"[0-9a-f]{32}_[0-9a-f]{10}"),
    _tokens("nvidia", ("nvapi-",), r"[\w-]{50,80}"),
    _tokens("pinecone", ("pcsk_",), r"\w{40,90}"),
    _tokens("docker", ("dckr_pat_", "dckr_oat_"), r"[\w-]{24,60}"),
    _tokens("figma", ("figd_",), r"[\w-]{36,80}"),
    _tokens("sentry", ("sntrys_", "sntryu_"), r"[\w+/=-]{40,300}"),
    _tokens("rubygems", ("rubygems_",), r"[0-9a-f]{48}"),
    _tokens("newrelic", ("NRAK-",), r"[A-Z0-9]{27}"),
    _tokens("tailscale", ("tskey-",), r"[a-z]{2,12}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,48}"),
    Format("mailgun", ("key-",), rf"{B}key-[0-9a-f]{{32}}{E}", long=True),
    Format("mailchimp", ("-us",), rf"{B}[0-9a-f]{{32}}-us\d{{1,2}}{E}", 32, long=True),
    _tokens("planetscale", ("pscale_tkn_", "pscale_pw_", "pscale_oauth_"), r"[\w=.-]{32,64}"),
    _tokens("postman", ("PMAK-",), r"[0-9a-fA-F]{24}-[0-9a-fA-F]{34}"),
    _tokens("prefect", ("pnu_", "pnb_"), r"[A-Za-z0-9]{36}"),
    _tokens("pulumi", ("pul-",), r"[0-9a-f]{40}"),
    Format("onepassword", ("ops_eyJ",), rf"{B}ops_eyJ[A-Za-z0-9+/]{{40,4000}}={{0,3}}"),
    _tokens("doppler", ("dp.pt.", "dp.st.", "dp.sa."), r"(?:[a-z0-9_-]{2,40}\.)?[A-Za-z0-9]{40,48}"),
    _tokens("artifactory", ("AKCp",), r"[A-Za-z0-9]{69}"),
    _tokens("openshift", ("sha256~",), r"[\w-]{43}"),
    _tokens("alibaba", ("LTAI",), r"(?=[A-Za-z]{0,22}\d)[A-Za-z0-9]{20,24}"),
    Format("neptune", ("eyJhcGlf",), rf"{B}eyJhcGlf[A-Za-z0-9+/]{{60,400}}={{0,2}}"),
    Format("age", ("age-secret-key-",), r"(?i:age-secret-key-(?:pq-)?1[02-9ac-hj-np-z]{50,4000})", folded=True),
    Format("jwt", ("eyJ",), rf"{B}eyJ[\w-]{{8,4000}}\.eyJ[\w-]{{8,8000}}(?:\.[\w-]{{0,4000}})?"),
    Format(
        "jwt", ("eyJ",), rf"{B}eyJ[\w-]{{16,4000}}\.[\w-]{{0,1000}}\.[\w-]{{8,400}}\.[\w-]{{8,8000}}\.[\w-]{{16,64}}"
    ),
    Format(
        "private-key",
        ("-----BEGIN ",),
        r"-----BEGIN (?:[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
        rf"(?:{PEM_TEXT}-{{5,6}}END [A-Za-z0-9 ]{{0,40}}-----|{CUT_PEM_TEXT})",
    ),
    Format("private-key", ("Private-Lines:",), r"Private-Lines: ?\d{1,4}(?P<s>(?:\s|\\[nr])[\w+/=\\\s]{32,20000})"),
    Format(
        "url-password",
        ("://",),
        rf"://(?:[^\s/:'\"<>]{{0,128}}:(?P<s>[^\s/'\"<>]{{1,256}})@(?={HOST})"
        r"|[^\s/:@'\"<>]{0,128}:(?!\d{1,5}(?:[/?#)\],;]|\Z))(?P<u>[^\s'\"<>]{1,256})@(?=[\w\[.{$-])"
        r"|(?P<t>(?=[A-Za-z_-]{0,200}\d)[\w-]{24,256})@(?=[\w\[.{$-]))",
        also="@",
    ),
    Format(
        "authorization",
        ("authorization",),
        rf"(?i:authorization)(?:{QUOTE})?\]?\s{{0,4}}[:=,]\s{{0,4}}[bru]{{0,2}}(?:{QUOTE})?"
        r"(?:(?i:bearer|basic|token|digest|apikey|api-key)\s{1,4}(?P<s>(?=[a-z]{0,200}[^a-z\s])[\w.~+/=:-]{6,4000})|(?P<t>(?=[A-Za-z_-]{0,200}\d)[\w.~+/=-]{16,4000}))",
        folded=True,
    ),
    Format(
        "authorization",
        ("bearer ",),
        r"(?i:bearer)\s{1,4}(?P<s>(?=[A-Za-z._~+/-]{0,200}\d)[\w.~+/=-]{16,4000})",
        folded=True,
    ),
    # Docker's and npm's settings, and the pairs of requests.
    Format(
        "authorization",
        ("auth",),
        rf"(?i:auth)(?:{QUOTE})\s{{0,4}}:\s{{0,4}}(?:{QUOTE})"
        r"(?P<s>(?=[a-z0-9+/]{0,400}[A-Z])(?=[A-Za-z+/]{0,400}[0-9=])[A-Za-z0-9+/]{8,4000}={0,2})(?![A-Za-z0-9+/])"
        r"|(?<=_)(?i:auth)\s{0,4}=\s{0,4}(?P<t>(?=[A-Za-z+/]{0,400}[0-9=])[A-Za-z0-9+/]{8,4000}={0,2})(?=\s|\Z|[\"'\\<&])"
        rf"|(?i:auth)\s{{0,4}}(?:=\s{{0,4}}[\w.]{{0,40}})?\(\s{{0,8}}[bru]{{0,2}}(?:{QUOTE})[^\s\"'\\]{{1,128}}(?:{QUOTE})\s{{0,4}},\s{{0,8}}"
        rf"(?:password\s{{0,4}}=\s{{0,4}})?[bru]{{0,2}}(?:{QUOTE})(?P<u>[^\n\"'\\]{{3,256}})(?:{QUOTE})",
        back=0,
        folded=True,
    ),
    Format(
        "cookie",
        ("cookie",),
        rf"(?i:cookies?)(?:(?:{QUOTE})?\]?\s{{0,4}}[:=]|(?:{QUOTE}),)\s{{0,4}}(?:dict\()?[{{\[]?\s{{0,4}}[bru]{{0,2}}(?:{QUOTE})?"
        rf"(?:[\w.!#$%*+^|~-]{{1,64}}=(?P<s>(?=[^\r\n\"'<>\\]{{0,400}}\d)(?=[^\r\n\"'<>\\]{{6}})[^\r\n\"'<>\\\s;]{{1,4000}}(?:;[^\r\n\"'<>\\]{{0,4000}})?)"
        rf"|[\w.!#$%*+^|~-]{{1,64}}(?:{QUOTE})?\s{{0,4}}[:=]\s{{0,4}}(?:{QUOTE})(?P<t>(?=[^\s\"']{{0,400}}\d)[^\s\"'<>\\]{{6,4000}}))",
        folded=True,
    ),
    Format(
        "password",
        ("curl",),
        rf"(?i:curl){OPTIONS}(?:-[a-zA-Z]{{0,6}}u|-U|--(?:proxy-)?user){NEXT}[^\s:\"'@]{{1,128}}:{WORD_AFTER}",
        folded=True,
    ),
    Format("password", ("mysql", "mariadb"), rf"(?i:mysql|mariadb){OPTIONS}-p(?:{QUOTE})?{WORD_AFTER}", folded=True),
    Format(
        "password", ("sshpass",), rf"(?i:sshpass)(?:{QUOTE})?[\s,]{{1,4}}(?:{QUOTE})?-p{NEXT}{WORD_AFTER}", folded=True
    ),
    Format(
        "password",
        ("docker", "podman", "mongo", "ldapsearch", "redis-cli", "smbclient", "htpasswd"),
        rf"(?:docker|podman)(?:{QUOTE})?[\s,]{{1,4}}(?:{QUOTE})?login{OPTIONS}-p{NEXT}{WORD_AFTER}"
        rf"|mongo[a-z]{{0,8}}{OPTIONS}-p{NEXT}(?P<t>(?![-$])[^\s\"'`,;|&)\\]{{3,256}})"
        rf"|ldapsearch{OPTIONS}-w{NEXT}(?P<u>(?![-$])[^\s\"'`,;|&)\\]{{3,256}})"
        rf"|redis-cli{OPTIONS}-a{NEXT}(?P<v>(?![-$])[^\s\"'`,;|&)\\]{{3,256}})"
        rf"|smbclient{OPTIONS}-U{NEXT}[^\s%\"']{{1,128}}%(?P<w>[^\s\"'`,;|&)\\]{{3,256}})"
        rf"|htpasswd{OPTIONS}-[a-zA-Z]{{0,4}}b[a-zA-Z]{{0,4}}(?:[\s\"',]{{1,4}}[^\s\"',]{{1,200}}){{1,2}}[\s\"',]{{1,4}}(?P<x>[^\s\"'`,;|&)\\]{{3,256}})(?=\s|\Z|[\"'])",
        folded=True,
    ),
    Format(
        "password",
        ("login",),
        r"(?i:login)(?:\s|\\[nt]){1,8}[^\s\\]{1,200}(?:\s|\\[nt]){1,8}password(?:\s|\\[nt]){1,8}"
        r"(?P<s>(?=[a-z-]{0,400}[^a-z\s.,;:!?\"'\\-])[^\s\"'\\]{2,400})",
        folded=True,
    ),
    Format("password", (":5432:",), r":5432:[\w*.-]{1,100}:[\w*.-]{1,100}:(?P<s>[^\s\"'\\]{3,256})"),
    Format(
        "password",
        ("_PASS",),
        r"(?<=[A-Z0-9])(?<!LOW)(?<!HIGH)(?<!BAND)(?<!FIRST)(?<!SECOND)(?<!BY)_PASS"
        rf"(?:(?:{QUOTE})?\]?(?:[ ]{{0,4}}[=:,]|[ ]{{0,4}}=>)[ ]{{0,4}}[bru]{{0,2}}"
        rf"(?:{QUOTE})(?P<s>[^\n\"'\\]{{4,256}})(?:{QUOTE})"
        r"|=(?P<t>(?=[^\s\"'\d]{0,200}\d)(?=[^\sA-Za-z]{0,200}[A-Za-z])[^\s\"'(\[{\\]{4,256})(?=\s|\Z|\\|[\"']))",
    ),
    Format(
        "kaggle",
        ("username",),
        rf"(?i:username)(?:{QUOTE})\s{{0,4}}:\s{{0,4}}(?:{QUOTE})[^\s\"']{{1,64}}(?:{QUOTE})\s{{0,4}},\s{{0,8}}(?:{QUOTE})key(?:{QUOTE})"
        rf"\s{{0,4}}:\s{{0,4}}(?:{QUOTE})(?P<s>[0-9a-f]{{32}})",
        folded=True,
    ),
)

BASE64_40 = r"(?<![\w/+=])(?=[A-Z0-9/+]*[a-z])(?=[a-z0-9/+]*[A-Z])(?=[A-Za-z/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])"
HEX = r"(?<![\w])[0-9a-f]{%d}(?![\w])"
MIXED_25 = r"(?<![\w-])(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])(?=[A-Za-z]*\d)[A-Za-z0-9]{25}(?![\w-])"
NEAR = (  # secrets without a shape of their own, known by a word at most REACH characters away
    Format("aws-secret", ("AKIA", "ASIA"), BASE64_40),
    Format("wandb", ("wandb",), HEX % 40, folded=True),
    Format("twilio", ("twilio",), HEX % 32, folded=True),
    Format("comet", ("comet",), MIXED_25, folded=True),
    Format("kaggle", ("kaggle",), HEX % 32, folded=True),
    Format("airtable", ("airtable",), r"(?<![\w-])pat[A-Za-z0-9]{14}\.[0-9a-f]{64}(?!\w)", folded=True),
    Format("datadog", ("datadog",), HEX % 32, folded=True),
)
REACH = 120
DIGEST_WORD = r"(?i)(?:commit|sha1?|git|rev(?:ision)?|digest|md5|hash|checksum|run_?id|/)[\s\"'=:@(/]{0,6}\Z"

STEMS = ("token", "secret", "passw", "passphrase", "pwd", "key", "credential")
KEY_OWNERS = ("api", "access", "account", "private", "auth", "signing", "encryption", "storage", "subscription")
NAME = (
    r"(?i:(?P<kind>token|secret|passw(?:or)?d|passphrase|pwd|key|credential)"
    r"(?:s|_?access_?key|[_-]?key|_?value|(?<=key)_?id|_?\d{1,3})?)"
    rf"(?P<close>{QUOTE})?\]?"
    r"(?:[ \t]{0,3}:[ \t]{0,3}[\w\[\]. |]{1,40}?(?=[ \t]{0,3}=))?"
    r"(?:[ \t]{0,20}(?P<sep>[:=!]?={1,2}|=>|:|,)(?:[ \t]{0,20}\(\s{0,40}|[ \t]{0,20})|(?P<gap>[ \t]{1,4}))"
)
QUOTED = rf"(?P<prefix>[bBrRuUfF]{{0,2}})(?P<q>\"\"\"|'''|{QUOTE})(?P<s>(?:(?!(?P=q))(?:\\.|[^\n])){{1,4000}}?)(?P=q)"
BARE = r"[\"']?(?P<s>[^\s\"'`,;<>()\[\]{}&\\|=]{4,1000}={0,3})(?P<after>[(\[]?)"
LINE = r"(?:.*(?:\\n|[\"']))?[+-]?[ \t]*(?:(?:export|set|setenv|ENV|%env|%set_env|!export)[ \t]+|-[ \t]+)?\Z"
WHOLE = r"(?P<s>[^\s\"'#][^\s\"']{2,1000})[ \t]*(?:#.*)?(?:\r?$)"
AUTHORISING = (
    r"(?i)(?:auth|access|api|bot|secret|refresh|bearer|session|git\w{0,3}|hf|hub|slack|app|user|deploy|login)[_-]?\Z"
)
COUNTING = (
    r"(?i)(?:n|num|max|min|total|pad|eos|bos|cls|sep|unk|mask|special|start|end|stop|image|prompt|input|output|new|next"
    r"|prev|first|last|current|cached)_?\Z"
)
CODE = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z"
OPEN = r"\s|[,)\]};:](?:\s|\Z|[,)\]])|[+%][\s\w(]|\.(?:format|join)\(|[{<$*]"
ENV_NAME = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z"
NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
PATH = r"(?:~|\.{1,2})?/[\w.-]+(?:/|\Z)|[A-Za-z]:\\|[a-z0-9+]{2,10}://|.*\.(?:json|ya?ml|txt|pem|key|toml|env|csv|ini|cfg|py)\Z"
WORD = r"[A-Za-z]?[a-z]{0,15}\d{0,2}|[A-Z]{1,15}\d{0,2}|\d{1,4}|v\d+"
PLACEHOLDERS = frozenset(
    (
        *(
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "secret",
            "token",
            "none",
            "null",
            "true",
            "false",
            "string",
            "str",
        ),
        *("int", "bytes", "bool", "text", "object", "any", "optional", "required", "default", "changeme", "example"),
        *("pass", "hidden", "input", "getpass", "field", "yourpassword", "yourtoken", "yoursecret", "xxx"),
    )
)
ANSI = r"\x1b\[[0-9;:?]{0,40}[A-Za-z]"
