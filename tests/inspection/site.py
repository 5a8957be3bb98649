"""A small site of another maker that keeps every rule, and a server for it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEAD = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/site.css">
<meta name="SiteName" content="南山县人民政府"><meta name="SiteDomain" content="www.nanshan.example">
<meta name="SiteIDCode" content="6100000001">"""
COLUMN_TAGS = """<meta name="ColumnName" content="通知公告">
<meta name="ColumnDescription" content="发布通知。"><meta name="ColumnKeywords" content="通知,公告">
<meta name="ColumnType" content="工作动态">"""
CONTENT_TAGS = """<meta name="ArticleTitle" content="放假安排"><meta name="PubDate" content="2026-09-28 09:30">
<meta name="ContentSource" content="南山县人民政府办公室">
<link rel="canonical" href="/tz/20260928-1.html">"""
TOP = """</head><body><header><img src="/logo.png" alt="">南山县人民政府
<form role="search" action="/search"><input name="q"></form>
<nav><ul><li><a href="/zx/">资讯</a></li><li><a href="/gk/">公开</a></li><li><a href="/tz/">通知</a></li>
<li><a href="/fw/">服务</a></li><li><a href="/hd/">互动</a></li></ul></nav></header><main>"""
FOOT = """</main><footer>主办：南山县人民政府办公室 电话：0900-0000000 网站标识码6100000001
南ICP备00000000号 南公网安备61000000000000号 <a href="/map.html">网站地图</a>
<a href="https://bszs.conac.cn/">党政机关</a> <a href="/zc.html">我为政府网站找错</a></footer></body></html>"""
COLUMN = f"""{HEAD}{COLUMN_TAGS}{TOP}<ul><li><a href="/tz/20260928-1.html">放假安排</a></li></ul>{FOOT}"""
PAGES: dict[str, str] = {
    "/": f'{HEAD}{TOP}<a href="/zt/">专题专栏</a><a href="https://www.gov.cn/">中国政府网</a>{FOOT}',
    **dict.fromkeys(["/zx/", "/gk/", "/tz/", "/fw/", "/hd/", "/zt/"], COLUMN),
    "/tz/20260928-1.html": f"""{HEAD}{COLUMN_TAGS}{CONTENT_TAGS}{TOP}当前位置：首页 字号 打印
<p>发布时间：2026-09-28 09:30</p>{FOOT}""",
    "/map.html": f"{HEAD}{TOP}地图{FOOT}",
    "/zc.html": f"{HEAD}{TOP}找错{FOOT}",
    "/search": f"{HEAD}{TOP}结果{FOOT}",
    "/site.css": "body { color: #222222; background: #1e4a6d } a { color: #a5341f }",
}


@contextmanager
def served(pages: Mapping[str, str]) -> Iterator[str]:
    """Serve ``pages``, by path, for the length of the block; yields the home page's address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path.partition("?")[0])
            kind = "text/css" if self.path.endswith(".css") else "text/html"
            self.send_response(200 if text is not None else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_request(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
