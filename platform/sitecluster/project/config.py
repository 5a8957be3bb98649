"""Everything the environment may say, read once, typed and documented.

The table of settings in docs/ is generated from the fields below
(``manage.py settings_table``).
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from .errors import ConfigError

ROOT = Path(__file__).resolve().parents[3]


def option(env: str, default: Any, help: str, help_zh: str) -> Any:  # noqa: A002 -- the field's name
    """A field of `Config`: its variable, its default and what it means in two languages."""
    return field(default=default, metadata={"env": env, "help": help, "help_zh": help_zh})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of one installation."""

    var_dir: Path = option(
        "VAR_DIR",
        ROOT / "var",
        "Folder for everything the platform writes by default: database, uploads, static files, secret key.",
        "平台默认写入的一切内容所在的目录：数据库、上传文件、静态文件、密钥。",
    )
    database_url: str = option(
        "DATABASE_URL",
        "",
        "postgres://user:password@host:port/name of a server of your own; empty: the embedded one.",
        "自备 PostgreSQL 的地址 postgres://用户:口令@主机:端口/库名；留空则使用内置数据库。",
    )
    web_database_url: str = option(
        "WEB_DATABASE_URL",
        "",
        "DATABASE_URL with a role of its own for the web processes, which then can't change the audit trail; see docs/audit.md. Empty: they use DATABASE_URL.",
        "Web 进程专用数据库账号的 DATABASE_URL，使 Web 进程无法改动审计记录，见 docs/audit.zh-Hans.md；留空则使用 DATABASE_URL。",
    )
    secret_key: str = option(
        "SECRET_KEY",
        "",
        "Key that signs sessions; empty: one is made and kept in VAR_DIR.",
        "会话签名密钥；留空则自动生成并保存在 VAR_DIR。",
    )
    themes_dir: str = option(
        "THEMES_DIR",
        "",
        "Folder with themes of your own, beside those that come with the platform.",
        "自有主题所在的目录，与平台自带的主题一并使用。",
    )
    debug: bool = option(
        "DEBUG",
        False,
        "Django's debug pages; never in production.",
        "Django 调试页面；生产环境切勿开启。",
    )
    admin_domain: str = option(
        "ADMIN_DOMAIN",
        "admin.localhost",
        "Domain of the admin hosts: a site is edited at <code>.<ADMIN_DOMAIN>.",
        "后台域名：站点在 <代码>.<ADMIN_DOMAIN> 编辑。",
    )
    uploads_domain: str = option(
        "UPLOADS_DOMAIN",
        "uploads.localhost",
        "Domain from which admin screens load uploads: <code>.<UPLOADS_DOMAIN>. It serves nothing else.",
        "后台界面读取上传文件所用的域名：<代码>.<UPLOADS_DOMAIN>，不提供其他内容。",
    )
    base_domain: str = option(
        "BASE_DOMAIN",
        "localhost",
        "Domain below which sites without an address of their own are placed, for example gov.cn.",
        "未指定域名的站点所归属的上级域名，例如 gov.cn。",
    )
    public_scheme: str = option(
        "PUBLIC_SCHEME",
        "http",
        "http or https, as citizens see it.",
        "公众访问时的协议：http 或 https。",
    )
    public_port: int = option(
        "PUBLIC_PORT",
        8000,
        "Port as citizens see it; 80 and 443 are left out of addresses.",
        "公众访问时的端口；80 与 443 不写入网址。",
    )
    email_url: str = option(
        "EMAIL_URL",
        "",
        "smtp://user:password@host:port of the mail server, also smtp+tls:// or smtps://; empty: mails are kept as files in VAR_DIR/mail.",
        "邮件服务器 smtp://用户:口令@主机:端口，也可用 smtp+tls:// 或 smtps://；留空则邮件以文件形式保存在 VAR_DIR/mail。",
    )
    email_sender: str = option(
        "EMAIL_SENDER",
        "noreply@localhost",
        "Address from which the platform sends mails.",
        "平台发送邮件所用的发件地址。",
    )
    sites_per_connection: int = option(
        "SITES_PER_CONNECTION",
        250,
        "Distinct sites that a database connection may serve before it is replaced, which bounds the server's memory; one whose admin screens it served counts three times.",
        "一个数据库连接在更换前可服务的不同站点数，用以限制数据库内存；服务过后台界面的站点按三个计。",
    )
    web_workers: int = option(
        "WEB_WORKERS", 2, "Processes of the web server.", "Web 服务器进程数。"
    )
    web_threads: int = option(
        "WEB_THREADS", 4, "Threads of each of these processes.", "每个进程的线程数。"
    )
    trusted_proxies: int = option(
        "TRUSTED_PROXIES",
        0,
        "Reverse proxies in front of the platform that append to X-Forwarded-For: the client's address is taken from that many entries from its end; 0: the header isn't believed. 1 with deploy/nginx.conf.",
        "平台前方会写入 X-Forwarded-For 的反向代理层数，据此从末尾取客户端地址；0 表示不信任该请求头。使用 deploy/nginx.conf 时设为 1。",
    )
    password_min_length: int = option(
        "PASSWORD_MIN_LENGTH", 10, "Characters of a password.", "口令最少字符数。"
    )
    password_min_classes: int = option(
        "PASSWORD_MIN_CLASSES",
        3,
        "How many of the four kinds of characters (small letters, capitals, digits, others) a password must contain.",
        "口令须包含的字符种类数（小写字母、大写字母、数字、其他字符四类中）。",
    )
    password_history: int = option(
        "PASSWORD_HISTORY",
        5,
        "How many of the last passwords of an account can't be used again; 0: any can.",
        "不得重复使用的最近口令个数；0 表示不限制。",
    )
    password_max_age_days: int = option(
        "PASSWORD_MAX_AGE_DAYS",
        90,
        "Days after which a password must be changed; 0: never. The norm asks for regular change and names no figure: set that of your own rules.",
        "口令有效天数，到期须更换；0 表示永不到期。规范要求定期更改而未规定天数，请按本单位制度设置。",
    )
    lockout_failures: int = option(
        "LOCKOUT_FAILURES",
        5,
        "Failed sign-ins for one account from one address before both together are locked.",
        "同一账号从同一网络地址登录失败多少次后锁定该组合。",
    )
    lockout_account_failures: int = option(
        "LOCKOUT_ACCOUNT_FAILURES",
        50,
        "Failed sign-ins for one account from anywhere before it is locked; browsers that it signed in with before are let through.",
        "同一账号从任意地址累计失败多少次后锁定；该账号曾成功登录过的浏览器不受影响。",
    )
    lockout_address_failures: int = option(
        "LOCKOUT_ADDRESS_FAILURES",
        100,
        "Failed sign-ins from one address, whatever the account, before it is locked; the same exception holds.",
        "同一网络地址（不论账号）累计失败多少次后锁定；例外同上。",
    )
    lockout_minutes: int = option(
        "LOCKOUT_MINUTES", 15, "Minutes after which a lock ends.", "锁定持续的分钟数。"
    )
    session_idle_minutes: int = option(
        "SESSION_IDLE_MINUTES",
        60,
        "Minutes without activity after which a session ends.",
        "无操作多少分钟后会话结束。",
    )
    session_hours: int = option(
        "SESSION_HOURS",
        12,
        "Hours after which a session ends, however active.",
        "会话最长小时数，到时须重新登录。",
    )
    require_second_factor: bool = option(
        "REQUIRE_SECOND_FACTOR",
        False,
        "Every site requires a second factor at sign-in; otherwise those for which `manage.py site CODE --second-factor on` says so. The control site always does.",
        "所有站点登录均须双因素认证；否则仅由 `manage.py site 代码 --second-factor on` 指定的站点要求。管理站点始终要求。",
    )
    trial_without_second_factor: bool = option(
        "TRIAL_WITHOUT_SECOND_FACTOR",
        False,
        "The control site requires no second factor either. For trials on one machine: refused unless ADMIN_DOMAIN ends with localhost.",
        "管理站点也不要求双因素认证。仅供本机试用：ADMIN_DOMAIN 不以 localhost 结尾时拒绝启动。",
    )

    backups_dir: str = option(
        "BACKUPS_DIR",
        "",
        "Folder for the backups of single sites, best on another disk; empty: VAR_DIR/backups.",
        "单个站点备份文件所在的目录，宜放在另一块磁盘；留空则为 VAR_DIR/backups。",
    )
    backup_keep: int = option(
        "BACKUP_KEEP",
        7,
        "How many backups of a site are kept; when one more is made, the oldest goes. 0: all.",
        "每个站点保留的备份个数，新备份成功后删除最旧的；0 表示全部保留。",
    )
    backup_daily: bool = option(
        "BACKUP_DAILY",
        False,
        "Back up every site each night between 1 and 6 o'clock, one after another.",
        "每天凌晨 1 点至 6 点依次备份所有站点。",
    )
    ready_queue_seconds: int = option(
        "READY_QUEUE_SECONDS",
        300,
        "Seconds that a task may wait for a worker before `/readyz` says that the platform isn't ready.",
        "任务等待执行超过多少秒后，`/readyz` 报告平台未就绪。",
    )

    @property
    def port_suffix(self) -> str:
        """``":8000"``, or nothing where the port is the scheme's own."""
        default = {"http": 80, "https": 443}[self.public_scheme]
        return "" if self.public_port == default else f":{self.public_port}"


def read(environ: Mapping[str, str]) -> Config:
    """The configuration that ``environ`` describes.

    Raises `ConfigError` for a value that can't be used, naming the variable.
    """
    values = {}
    for option_field in fields(Config):
        env = option_field.metadata["env"]
        if env in environ:
            values[option_field.name] = _parse(option_field, env, environ[env])
    config = Config(**values)
    if config.public_scheme not in ("http", "https"):
        raise ConfigError("PUBLIC_SCHEME must be http or https.")
    if _overlap(config.admin_domain, config.uploads_domain):
        raise ConfigError(
            "ADMIN_DOMAIN and UPLOADS_DOMAIN must lie apart: "
            "uploads must not get the cookie of the admin hosts."
        )
    _refuse_open_doors(config)
    return config


SMALLEST = {
    "password_min_length": 8,
    "lockout_failures": 1,
    "lockout_account_failures": 1,
    "lockout_address_failures": 1,
    "lockout_minutes": 1,
    "session_idle_minutes": 1,
    "session_hours": 1,
}


def _refuse_open_doors(config: Config) -> None:
    """Raise `ConfigError` for what would leave sign-in unprotected or nobody able to sign in."""
    for name, least in SMALLEST.items():
        if getattr(config, name) < least:
            raise ConfigError(f"{name.upper()} must be at least {least}.")
    if config.password_min_classes > 4:
        raise ConfigError("PASSWORD_MIN_CLASSES must be at most 4: there are no more kinds.")
    local = f".{config.admin_domain}".endswith(".localhost")
    if config.trial_without_second_factor and not local:
        raise ConfigError(
            "TRIAL_WITHOUT_SECOND_FACTOR is for trials on one machine, "
            "where ADMIN_DOMAIN ends with localhost."
        )


def _overlap(one: str, other: str) -> bool:
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")


def _parse(option_field: Field[Any], env: str, text: str) -> Any:
    kind = option_field.type
    if kind is bool:
        if text.lower() not in ("1", "0", "true", "false", ""):
            raise ConfigError(f"{env} must be 1 or 0, not {text!r}.")
        return text.lower() in ("1", "true")
    if kind is int:
        if not text.isdigit():
            raise ConfigError(f"{env} must be a whole number, not {text!r}.")
        return int(text)
    if kind is Path:
        if not text:
            assert option_field.default is not MISSING
            return option_field.default
        return Path(text).resolve()
    return text


def secret_key(config: Config) -> str:
    """The signing key: the configured one, or one kept in ``VAR_DIR/secret-key``.

    Two processes that start at once agree on one key, since the file is linked into place.
    """
    if config.secret_key:
        return config.secret_key
    path = config.var_dir / "secret-key"
    if not path.exists():
        config.var_dir.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"secret-key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        draft.unlink()
    return path.read_text()


config = read(os.environ)
