<?php
// Runs each configuration in a process of its own and writes down what came of it, types and all.
function __dg_shape($v) {
    if ($v === null) return ['n'];
    if (is_bool($v)) return ['b', $v];
    if (is_int($v)) return ['i', (string)$v];
    if (is_float($v)) return ['f', bin2hex(pack('E', $v))];
    if (is_string($v)) return ['s', bin2hex($v)];
    if (is_array($v)) {
        $rows = [];
        foreach ($v as $k => $w) $rows[] = [__dg_shape($k), __dg_shape($w)];
        return ['a', $rows];
    }
    return ['o'];
}
function __dg_finish($state) {
    $variables = [];
    foreach ($GLOBALS as $k => $v) {
        $k = (string)$k;
        if (strncmp($k, '__dg_', 5) === 0) continue;
        if (in_array($k, ['_GET', '_POST', '_COOKIE', '_FILES', '_SERVER', '_ENV', '_REQUEST', 'argv', 'argc', 'GLOBALS'], true)) continue;
        $variables[$k] = $v;
    }
    $user = get_defined_constants(true)['user'] ?? [];
    $ini = [];
    foreach (['display_errors', 'log_errors', 'error_log', 'user_agent', 'html_errors', 'default_charset', 'error_reporting', 'memory_limit'] as $k) {
        $ini[$k] = bin2hex((string)ini_get($k));
    }
    $error = error_get_last();
    if ($state['end'] === 'exit' && $error && in_array($error['type'], [E_ERROR, E_COMPILE_ERROR, E_PARSE, E_CORE_ERROR], true)) {
        $state['end'] = 'died';
        $state['why'] = $error['message'];
    }
    $state['why'] = isset($state['why']) ? bin2hex($state['why']) : '';
    $state['variables'] = __dg_shape($variables);
    $state['constants'] = __dg_shape($user);
    $state['ini'] = $ini;
    file_put_contents($state['to'], json_encode($state, 0, 4096));
}
foreach (file($argv[1], FILE_IGNORE_NEW_LINES) as $__dg_line) {
    [$__dg_from, $__dg_to] = explode("\t", $__dg_line);
    $__dg_pid = pcntl_fork();
    if ($__dg_pid > 0) {
        pcntl_waitpid($__dg_pid, $__dg_status);
        continue;
    }
    ob_start(function () { return ''; });
    ini_set('display_errors', '0');
    ini_set('memory_limit', '256M');
    set_time_limit(10);
    $__dg_state = ['end' => 'exit', 'to' => $__dg_to];
    register_shutdown_function(function () { __dg_finish($GLOBALS['__dg_state']); });
    try {
        $__dg_returned = include $__dg_from;
        $__dg_state['end'] = 'done';
        $__dg_state['returned'] = __dg_shape($__dg_returned);
    } catch (\Throwable $__dg_error) {
        $__dg_state['end'] = 'died';
        $__dg_state['why'] = get_class($__dg_error) . ': ' . $__dg_error->getMessage();
    }
    exit;
}
