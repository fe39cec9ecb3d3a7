"""The strict headers that every answer carries: pages, the API, files, whatever is not there."""

# One constant policy for every page, so there is nothing to compute and nothing to get wrong.
# 'self' covers this site's own ws: and wss: too (CSP level 3, 6.7.2.8).
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        # no string becomes markup or script; the desk's templates are lit-html's, whose policy has this name
        "require-trusted-types-for 'script'",
        "trusted-types lit-html",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it browsers send "Origin: null" with a form, and its check refuses that.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
