"""What secrets look like: the tables that :mod:`jupyter_bioml.redact` searches with.

Patterns are texts, compiled when first needed. Each begins at a needle (or a fixed number of characters before
it) and every repetition is bounded, so that one try costs a bounded time.
"""

from __future__ import annotations


class Format:
    """A secret known by its shape. The pattern is tried ``back`` characters before each of the needles; those of a
    ``folded`` one are in lower case and found in any case. (A plain class: a named tuple takes longer to define than
    all these tables.)"""

    __slots__ = ("back", "folded", "needles", "pattern", "rule")

    def __init__(self, rule: str, needles: tuple[str, ...], pattern: str, back: int = 0, folded: bool = False) -> None:
        self.rule, self.needles, self.pattern, self.back, self.folded = rule, needles, pattern, back, folded


# Characters left out while texts are screened; found by least cost over ML code and training logs.
COMMON = b" \n\t()[]{}'\",=+*<>#%&|!?;^$\\`@eatorsluc.0n13iv547862:TIEqDXFLRjOVHWUYZ"
COMMON_FOLDED = b" \n\t()[]{}'\",=+*<>#%&|!?;^$\\`@esadiln0.u1-3v5427986xfg/qj"

QUOTE = r"\\{0,7}(?:[\"']|&quot;|&#39;|&#x27;|&#34;)"
B = r"(?<![A-Za-z0-9_])"
E = r"(?![A-Za-z0-9])"
PEM_TEXT = r"(?:[^-]|-(?!----)){8,20000}"
CUT_PEM_TEXT = r"[\s\\rn\"',+-]{0,40}?[\w+/=]{32}[\w+/=\\\s\"',]{0,20000}"

FORMATS = (
    # The last part tells a key from a peptide that begins with AKIA: one character that no amino acid has.
    Format("aws-key", ("AKIA", "ASIA"), rf"{B}A[KS]IA(?=[A-Z0-9]{{0,15}}[0-9BJOUZ])[A-Z0-9]{{16}}{E}"),
    Format("gcp-key", ("AIza",), rf"{B}AIza[\w-]{{35}}(?![\w-])"),
    Format("gcp-key", ("GOCSPX-", "ya29."), rf"{B}(?:GOCSPX-[\w-]{{20,}}|ya29\.[\w.-]{{30,2000}})"),
    Format("azure-key", ("Q~",), r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~-])", back=4),
    Format("azure-sas", ("sig=",), r"[?&;]sig=(?P<s>[\w%+/-]{40,200}={0,2})", back=1),
    Format("signed-url", ("-Signature=",), r"-Signature=(?P<s>[0-9a-fA-F]{64,1024})"),
    Format("github", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), rf"{B}gh[pousr]_[A-Za-z0-9_]{{30,255}}"),
    Format("github", ("github_pat_",), rf"{B}github_pat_\w{{22,255}}"),
    Format("gitlab", ("glpat-", "gldt-", "glrt-", "glptt-"), rf"{B}gl(?:pat|dt|rt|ptt)-[\w.-]{{18,300}}"),
    Format("huggingface", ("hf_",), rf"{B}hf_[A-Za-z0-9]{{30,64}}{E}"),
    Format("anthropic", ("sk-ant-",), r"(?<![\w-])sk-ant-[\w-]{16,400}"),
    Format(
        "openai",
        ("sk-",),
        r"(?<![\w-])sk-(?:(?:proj|svcacct|admin|None|or|lf)-[\w-]{16,400}|(?=[A-Za-z]{0,80}\d)[A-Za-z0-9]{20,200})",
    ),
    Format("databricks", ("dapi",), rf"{B}dapi[0-9a-f]{{32}}(?:-\d{{1,2}})?{E}"),
    Format("wandb", ("wandb_v",), rf"{B}wandb_v\d_\w{{40,200}}"),
    Format("slack", ("xox", "xapp-"), rf"{B}(?:xox[a-z]-|xapp-\d-)[\w-]{{10,400}}"),
    Format("slack", ("hooks.slack.com/",), r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[\w/+-]{20,300})"),
    Format("stripe", ("k_live_", "k_test_"), rf"{B}[srp]k_(?:live|test)_[A-Za-z0-9]{{16,256}}", back=1),
    Format("stripe", ("whsec_",), rf"{B}whsec_[A-Za-z0-9+/=]{{24,128}}"),
    Format("twilio", ("AC", "SK"), rf"{B}(?:AC|SK)[0-9a-f]{{32}}{E}"),
    Format("npm", ("npm_",), rf"{B}npm_[A-Za-z0-9]{{36,64}}{E}"),
    Format("pypi", ("pypi-",), r"(?<![\w-])pypi-(?=[a-z_-]{0,80}[A-Z])(?=[A-Za-z_-]{0,80}\d)[\w-]{40,1000}"),
    Format("jwt", ("eyJ",), r"(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}(?:\.[\w-]{0,4000})?"),
    Format(
        "private-key",
        ("-----BEGIN ",),
        r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
        rf"(?:{PEM_TEXT}-{{5,6}}END [A-Z0-9 ]{{0,40}}-----|{CUT_PEM_TEXT})",
    ),
    Format(
        "url-password",
        ("://",),
        r"://(?:[^\s/:@'\"<>]{0,128}:(?P<s>[^\s/'\"<>]{1,256})|(?P<t>(?=[A-Za-z_-]{0,200}\d)[\w-]{24,256}))@(?=[\w\[.{$-])",
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
)

BASE64_40 = r"(?<![\w/+=])(?=[A-Z0-9/+]*[a-z])(?=[a-z0-9/+]*[A-Z])(?=[A-Za-z/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=])"
HEX = r"(?<![\w])[0-9a-f]{%d}(?![\w])"
MIXED_25 = r"(?<![\w-])(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])(?=[A-Za-z]*\d)[A-Za-z0-9]{25}(?![\w-])"
NEAR = (  # secrets without a shape of their own, known by a word at most REACH characters away
    Format("aws-secret", ("AKIA", "ASIA"), BASE64_40),
    Format("wandb", ("wandb",), HEX % 40, folded=True),
    Format("twilio", ("twilio",), HEX % 32, folded=True),
    Format("comet", ("comet",), MIXED_25, folded=True),
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
        *("hidden", "input", "getpass", "field", "yourpassword", "yourtoken", "yoursecret", "xxx"),
    )
)
ANSI = r"\x1b\[[0-9;:?]{0,40}[A-Za-z]"
