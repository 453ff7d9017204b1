<?php
/* Makes a site, without a browser:  php setup.php ROOT install|seed
 * Two processes: WordPress fixes its URLs when it loads, and before the install it has none.
 * Environment: LAB_URL, LAB_PASSWORD (of the application), LAB_PERMALINKS, LAB_TIMEZONE, LAB_POSTS (how many to begin with) */
[, $root, $phase] = $argv;
$url = getenv('LAB_URL');
$parts = parse_url($url);
$_SERVER['HTTP_HOST'] = $parts['host'] . ':' . $parts['port'];
$_SERVER['SERVER_NAME'] = $parts['host'];
$_SERVER['REQUEST_URI'] = ($parts['path'] ?? '') . '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD'] = 'GET';
if ($phase === 'install') {
    define('WP_INSTALLING', true);
}
chdir($root);
require $root . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
if ($phase === 'install') {
    add_filter('pre_wp_mail', '__return_true');
    wp_install('Lab & Site', 'admin', 'admin@example.org', true, '', wp_generate_password(), 'en_US');
    update_option('siteurl', $url);
    update_option('home', $url);
    update_option('timezone_string', getenv('LAB_TIMEZONE'));
    update_option('gmt_offset', '');
    update_option('default_ping_status', 'closed');
    foreach ([1, 2, 3] as $id) {
        wp_delete_post($id, true);
    }
    exit;
}
global $wp_rewrite;
$wp_rewrite->init();
$wp_rewrite->set_permalink_structure(getenv('LAB_PERMALINKS') === 'plain' ? '' : '/%year%/%monthnum%/%postname%/');
$wp_rewrite->flush_rules(false);
// A fixed application password: the tests write through the real REST API.
$admin = get_user_by('login', 'admin');
$password = getenv('LAB_PASSWORD');
update_user_meta($admin->ID, '_application_passwords', [[
    'uuid' => wp_generate_uuid4(), 'app_id' => '', 'name' => 'lab', 'created' => time(), 'last_used' => null, 'last_ip' => null,
    'password' => function_exists('wp_fast_hash') ? wp_fast_hash($password) : wp_hash_password($password),
]]);
update_network_option(get_main_network_id(), 'using_application_passwords', true);
wp_update_user(['ID' => $admin->ID, 'display_name' => 'Jane & "J" Doe']);
$news = wp_insert_term('News & Views', 'category', ['slug' => 'news'])['term_id'];
for ($i = 1; $i <= (int) getenv('LAB_POSTS'); $i++) {
    wp_insert_post(wp_slash([
        'post_title' => "Old $i", 'post_content' => "<p>Body $i</p>", 'post_status' => 'publish', 'post_author' => $admin->ID,
        'post_date' => date('Y-m-d H:i:s', strtotime('2025-01-01 12:00:00') + 3600 * $i), 'post_category' => [$news],
    ]));
}
