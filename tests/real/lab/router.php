<?php
// Router for PHP's own web server: what .htaccess does elsewhere. LAB_PREFIX is the folder WordPress lives in.
$prefix = rtrim((string) getenv('LAB_PREFIX'), '/');
$path = rawurldecode((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$root = rtrim($_SERVER['DOCUMENT_ROOT'], '/');
$file = $root . $path;
if (is_file($file) && $path !== $prefix . '/index.php') {
    return false;                     // static files and other .php scripts
}
if ($prefix !== '' && $path === $prefix) {
    header('Location: ' . $path . '/', true, 301);
    return true;
}
if ($prefix !== '' && !str_starts_with($path, $prefix . '/')) {
    http_response_code(404);
    header('Content-Type: text/html');
    echo '<!doctype html><title>Not Found</title>';
    return true;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $prefix . '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $root . $prefix . '/index.php';
chdir($root . $prefix);
require $root . $prefix . '/index.php';
