<?php
/* Must-use plugin: a test changes how this site behaves by writing LAB_MODE_FILE, read on every request:
 *   {"rest": "401"}      closed to readers, as plugins do it: 401 rest_login_required
 *   {"rest": "404"}      switched off altogether
 *   {"rest": "403html"}  a firewall's page in front of it
 *   {"status": 503}      every REST request fails with this status and a page
 *   {"notice": true}     a notice of PHP is printed before every JSON
 *   {"hide_link": true}  no Link header, no <link>: the API has to be guessed */
$lab_mode = @json_decode((string) @file_get_contents(LAB_MODE_FILE), true) ?: [];
$lab_is_rest = PHP_SAPI !== 'cli' && (str_contains($_SERVER['REQUEST_URI'], '/wp-json') || isset($_GET['rest_route']));
if ($lab_is_rest && ($lab_mode['rest'] ?? '') === '403html') {
    header('Content-Type: text/html; charset=utf-8', true, 403);
    exit('<!doctype html><title>Attention Required</title><h1>Sorry, you have been blocked</h1>');
}
if ($lab_is_rest && !empty($lab_mode['status'])) {
    header('Content-Type: text/html; charset=utf-8', true, (int) $lab_mode['status']);
    header('Retry-After: 7');
    exit('<h1>' . (int) $lab_mode['status'] . '</h1>');
}
if ($lab_is_rest && !empty($lab_mode['notice'])) {
    add_filter('rest_pre_echo_response', function ($result) {
        echo "<br />\n<b>Notice</b>: something is deprecated [here] in <b>/plugin.php</b> on line <b>1</b><br />\n";
        return $result;
    });
}
if (($lab_mode['rest'] ?? '') === '401') {
    add_filter('rest_authentication_errors', function ($result) {
        if (true === $result || is_wp_error($result) || is_user_logged_in()) {
            return $result;
        }
        return new WP_Error('rest_login_required', 'Only authenticated users can access the REST API.', ['status' => rest_authorization_required_code()]);
    });
}
if (($lab_mode['rest'] ?? '') === '404') {
    remove_action('init', 'rest_api_init');
    remove_action('parse_request', 'rest_api_loaded');
    $lab_mode['hide_link'] = true;
}
if (!empty($lab_mode['hide_link'])) {
    remove_action('template_redirect', 'rest_output_link_header', 11);
    remove_action('wp_head', 'rest_output_link_wp_head', 10);
}
